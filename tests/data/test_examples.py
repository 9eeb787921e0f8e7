"""Data sets made of others, against PyTorch's."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import Tensor, data
from nnlib.data import ConcatDataset, DataLoader, Dataset, Subset, TensorDataset, random_split


def rng(seed=0):
    return np.random.default_rng(seed)


def squares(base):
    class Squares(base):
        def __init__(self, n):
            self.n = n

        def __len__(self):
            return self.n

        def __getitem__(self, i):
            return np.float32(i), np.float32(i**2)

    return Squares


def test_a_class_written_for_torch_loads():
    torch = pytest.importorskip("torch")
    theirs = torch.utils.data.DataLoader(squares(torch.utils.data.Dataset)(5), batch_size=2)
    ours = DataLoader(squares(Dataset)(5), batch_size=2)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert [x.data.tolist() for x in a] == [x.tolist() for x in b]
        assert {str(x.dtype) for x in a} == {"float32"}


def test_dataset_takes_a_type_in_brackets():
    class Numbers(Dataset[int]):
        def __getitem__(self, i):
            return i

    assert Numbers()[3] == 3


def test_what_is_not_written_says_so():
    class Nothing(Dataset):
        pass

    with pytest.raises(NotImplementedError, match="Nothing must write __getitem__"):
        Nothing()[0]
    with pytest.raises(TypeError, match=r"dataset must have len\(dataset\)"):
        DataLoader(Nothing())


def test_two_sets_are_added():
    both = squares(Dataset)(3) + squares(Dataset)(2)
    assert isinstance(both, ConcatDataset)
    assert [float(x) for x, _ in (both[i] for i in range(5))] == [0, 1, 2, 0, 1]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=4), st.integers(-20, 20))
def test_one_set_after_the_other(lengths, index):
    torch = pytest.importorskip("torch")
    sets = [[f"{k}:{i}" for i in range(n)] for k, n in enumerate(lengths)]
    ours, theirs = ConcatDataset(sets), torch.utils.data.ConcatDataset(sets)
    assert len(ours) == len(theirs)
    assert ours.cumulative_sizes == theirs.cumulative_sizes
    if -len(ours) <= index < len(ours):
        assert ours[index] == theirs[index]
    else:
        with pytest.raises(IndexError, match=f"ConcatDataset: .* none at {index}"):
            ours[index]


@given(
    st.integers(0, 40),
    st.one_of(
        st.lists(st.integers(0, 20), min_size=1, max_size=4),
        st.sampled_from([[0.8, 0.2], [0.7, 0.15, 0.15], [1.0], [1, 0], [0.5, 0.25, 0.25]]),
    ),
)
def test_parts_have_torchs_sizes(n, lengths):
    torch = pytest.importorskip("torch")
    try:
        theirs = torch.utils.data.random_split(range(n), lengths)
    except ValueError:
        with pytest.raises(ValueError, match="lengths must sum up to"):
            random_split(range(n), lengths)
        return
    ours = random_split(range(n), lengths)
    assert [len(part) for part in ours] == [len(part) for part in theirs]
    assert sorted(i for part in ours for i in part) == list(range(n))


def test_a_split_is_drawn_from_its_generator():
    first, again = ([p.indices for p in random_split(range(9), [6, 3], rng(3))] for _ in "ab")
    assert first == again
    assert first[0] + first[1] == rng(3).permutation(9).tolist()


@pytest.mark.parametrize("lengths", [[3, 4], [0.5, 0.4], [-1, 11], [2.5, 7.5], [], [1.5, -0.5]])
def test_other_lengths_are_named(lengths):
    with pytest.raises(ValueError, match="random_split: lengths must sum up to 10 examples, or be"):
        random_split(range(10), lengths)


def test_subset_keeps_what_it_was_given():
    whole = TensorDataset(np.arange(5.0), np.arange(5))
    part = Subset(whole, [4, 0, -1])
    assert part.dataset is whole
    assert part.indices == [4, 0, -1]
    assert [float(x.item()) for x, _ in part] == [4, 0, 4]


@pytest.mark.parametrize("indices", [[3, 1, 1], range(1, 4), np.array([2, 0]), []])
@pytest.mark.parametrize("kind", [list, np.array, TensorDataset, Tensor])
def test_subsets_load_as_their_examples_do(kind, indices):
    whole = kind(np.arange(5.0) if kind is TensorDataset else [0.0, 1.0, 2.0, 3.0, 4.0])
    nested = Subset(Subset(whole, [4, 3, 2, 1, 0]), indices)
    seen = [
        number
        for batch in DataLoader(nested, batch_size=2)
        for number in (batch[0] if isinstance(batch, list) else batch).data.tolist()
    ]
    assert seen == [4.0 - i for i in indices]


def test_iterating_ends():
    assert list(Subset("abc", [2, 0])) == ["c", "a"]
    assert list(ConcatDataset(["ab", "c"])) == ["a", "b", "c"]
    assert [x.item() for (x,) in TensorDataset(np.arange(3))] == [0, 1, 2]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Subset("abc", [3]), ValueError, "Subset: dataset has 3 examples, none at 3"),
        (lambda: Subset("abc", [-4]), ValueError, "none at -4"),
        (lambda: Subset("abc", [0.5]), TypeError, "indices must be whole numbers, not float64"),
        (lambda: Subset("abc", 1), ValueError, r"indices must be \(n,\)"),
        (lambda: Subset("abc", ["a"]), TypeError, "indices must hold numbers"),
        (lambda: Subset("abc", [True, False, True]), TypeError, "whole numbers, not bool"),
        (lambda: ConcatDataset([]), ValueError, "datasets is empty"),
        (lambda: random_split("abc", [3], 1), TypeError, "generator must come from"),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("name", ["Subset", "ConcatDataset", "random_split", "default_collate"])
def test_names_and_order_are_torchs(name):
    torch = pytest.importorskip("torch")
    ours, theirs = (
        list(inspect.signature(getattr(module, name)).parameters)
        for module in (data, torch.utils.data)
    )
    assert ours == theirs
