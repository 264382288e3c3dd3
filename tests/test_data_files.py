"""Data matrices from files, good and bad."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from grokmath.classification.separability import separability
from grokmath.data_files import read_matrix
from grokmath.parameters import DomainError

X = np.array([[1.0, -2.5], [0.1, 3.0], [1e-300, 7.0]])


def test_every_format_gives_the_same_doubles(tmp_path):
    np.save(tmp_path / "x.npy", X)
    np.savez_compressed(tmp_path / "x.npz", X)
    sp.save_npz(tmp_path / "sparse.npz", sp.csr_matrix(X))
    lines = [[repr(float(value)) for value in row] for row in X]
    for name, mark in (("x.csv", ","), ("semicolons.csv", ";"), ("x.tsv", "\t"), ("x.txt", "  ")):
        text = "# comment\n" + "\n".join(mark.join(line) for line in lines) + "\n\n"
        (tmp_path / name).write_text(text)
    (tmp_path / "named.csv").write_text("a,b\n" + "\n".join(",".join(line) for line in lines))
    for path in tmp_path.iterdir():
        matrix = read_matrix(path)
        dense = matrix.toarray() if sp.issparse(matrix) else matrix
        assert (dense == X).all(), path.name
        assert separability(matrix).verdict == separability(X).verdict


def test_one_column_and_one_row(tmp_path):
    (tmp_path / "column.txt").write_text("1\n2\n")
    assert read_matrix(tmp_path / "column.txt").shape == (2, 1)
    (tmp_path / "row.csv").write_text("1,2,3\n")
    assert read_matrix(tmp_path / "row.csv").shape == (1, 3)


def test_bad_files(tmp_path):
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "two.npz", X, X)
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 no archive")
    (tmp_path / "cut.npy").write_bytes(b"\x93NUMPY\x01\x00")
    (tmp_path / "words.csv").write_text("a,b\nc,d\n")
    (tmp_path / "ragged.csv").write_text("1,2\n3\n")
    (tmp_path / "empty.csv").write_text("# nothing\n")
    (tmp_path / "names.csv").write_text("a,b\n")
    (tmp_path / "x.xlsx").write_text("1,2\n")
    for path in tmp_path.iterdir():
        with pytest.raises(DomainError, match="read_matrix"):
            read_matrix(path)
    with pytest.raises(OSError, match="missing"):
        read_matrix(tmp_path / "missing.npy")
