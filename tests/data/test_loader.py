import inspect
from collections import namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnlib
from nnlib import Tensor
from nnlib.data import DataLoader, Subset, TensorDataset, default_collate


def numbered(n):
    """n examples whose features tell their number."""
    return TensorDataset(np.arange(2.0 * n).reshape(n, 2), np.arange(n))


def order(loader):
    return [int(i) for _, y in loader for i in y.data]


def rng(seed=0):
    return np.random.default_rng(seed)


def test_dataset_gives_tensors_row_by_row():
    x, y = numbered(5)[3]
    assert (x.data.tolist(), y.item()) == ([6, 7], 3)
    assert (x.dtype, y.dtype) == (np.float64, np.int64)
    assert len(numbered(5)) == 5


def test_dataset_keeps_tensors_and_copies_arrays():
    t, a = Tensor([[1.0], [2.0]]), np.array([0, 1])
    dataset = TensorDataset(t, a)
    a[0] = 9
    assert dataset.tensors[0] is t
    assert dataset.tensors[1].data.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        (
            (np.zeros((3, 2)), np.zeros(3), np.zeros(4)),
            r"equally many rows; shapes are \[\(3, 2\), \(3,\), \(4,\)\]",
        ),
        ((), "tensors need equally many rows"),
        ((np.float64(1),), "tensors need equally many rows"),
    ],
)
def test_dataset_says_what_is_wrong(tensors, words):
    with pytest.raises(ValueError, match=words):
        TensorDataset(*tensors)


def test_batches_are_lists_of_tensors_with_their_dtypes():
    x = np.arange(12, dtype=np.float32).reshape(6, 2)
    batch = next(iter(DataLoader(TensorDataset(x, np.arange(6)), batch_size=4)))
    assert isinstance(batch, list)
    assert [type(t) for t in batch] == [Tensor, Tensor]
    assert (batch[0].dtype, batch[1].dtype) == (np.float32, np.int64)
    assert (batch[0].data == x[:4]).all()


def test_batches_do_not_share_memory_with_the_dataset():
    dataset = numbered(4)
    for x, _ in DataLoader(dataset, batch_size=4):
        x.data[:] = -1
    assert dataset.tensors[0].data.min() == 0


@given(
    n=st.integers(0, 20),
    batch_size=st.integers(1, 8),
    drop_last=st.booleans(),
    shuffle=st.booleans(),
)
def test_sizes_agree_with_torch(n, batch_size, drop_last, shuffle):
    torch = pytest.importorskip("torch")
    shuffle = shuffle and n > 0
    theirs = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(torch.zeros(n, 2), torch.arange(n)),
        batch_size=batch_size,
        shuffle=shuffle,
        drop_last=drop_last,
    )
    ours = DataLoader(numbered(n), batch_size=batch_size, shuffle=shuffle, drop_last=drop_last)
    assert len(ours) == len(theirs)
    assert [x.shape for x, _ in ours] == [tuple(x.shape) for x, _ in theirs]
    seen = order(ours)
    assert len(seen) == len(set(seen))
    if not drop_last:
        assert sorted(seen) == list(range(n))
    if not shuffle:
        assert seen == [int(i) for _, y in theirs for i in y]


def test_every_epoch_draws_a_new_order_and_a_seed_reproduces_it():
    loader = DataLoader(numbered(30), batch_size=7, shuffle=True, generator=rng(1))
    first, second = order(loader), order(loader)
    assert first != second
    again = DataLoader(numbered(30), batch_size=7, shuffle=True, generator=rng(1))
    assert [order(again), order(again)] == [first, second]


def test_order_is_one_permutation_per_epoch():
    loader = DataLoader(numbered(30), batch_size=7, shuffle=True, generator=rng(1))
    same = rng(1)
    assert order(loader) == same.permutation(30).tolist()
    assert order(loader) == same.permutation(30).tolist()


def test_without_generator_the_librarys_one_is_used():
    loader = DataLoader(numbered(30), shuffle=True)
    nnlib.manual_seed(3)
    first = order(loader)
    nnlib.manual_seed(3)
    assert order(loader) == first


def test_without_shuffle_nothing_is_drawn():
    generator = rng()
    order(DataLoader(numbered(5), generator=generator))
    assert generator.random() == rng().random()


def test_a_list_is_a_dataset():
    examples = [(np.full(3, i, np.float32), i) for i in range(5)]
    batches = list(DataLoader(examples, batch_size=2))
    assert [x.shape for x, _ in batches] == [(2, 3), (2, 3), (1, 3)]
    assert order(batches) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "examples",
    [
        [(1,), (2,), (3,)],
        [(1, 2.0, True), (3, 4.0, False), (5, 6.0, True)],
    ],
)
def test_collation_agrees_with_torch(examples):
    torch = pytest.importorskip("torch")

    theirs = torch.utils.data.DataLoader(examples, batch_size=2)
    ours = DataLoader(examples, batch_size=2)
    assert [[(str(x.dtype), x.data.tolist()) for x in b] for b in ours] == [
        [(str(x.dtype).removeprefix("torch."), x.tolist()) for x in b] for b in theirs
    ]


def test_a_subclass_is_asked_for_its_examples():
    class Negated(TensorDataset):
        def __getitem__(self, index):
            x, y = super().__getitem__(index)
            return -x, y

    negated = Negated(np.ones((4, 1)), np.arange(4))
    assert all((x.data == -1).all() for x, _ in DataLoader(negated, batch_size=2))


def test_signature_is_torchs():
    torch = pytest.importorskip("torch")
    theirs = inspect.signature(torch.utils.data.DataLoader).parameters.values()
    ours = inspect.signature(DataLoader).parameters.values()
    assert [(p.name, p.kind, p.default) for p in ours] == [
        (p.name, p.kind, p.default) for p in theirs
    ]


def test_a_sampler_says_the_order(torch):
    """Lists, and samplers here and in torch."""
    for library, dataset in ((nnlib.utils.data, numbered(5)), (torch.utils.data, numbered(5))):
        loader = library.DataLoader(
            Subset(dataset, [4, 3, 2, 1, 0]), 2, sampler=library.SequentialSampler(range(3)),
            collate_fn=lambda examples: [int(y) for _, y in examples],
        )  # fmt: skip
        assert list(loader) == [[4, 3], [2]]
        assert len(loader) == 2
    assert order(DataLoader(numbered(5), sampler=[3, 3, 0])) == [3, 3, 0]
    assert order(DataLoader(numbered(5), 2, sampler=[3, 3, 0], drop_last=True)) == [3, 3]
    batches = DataLoader(numbered(5), batch_sampler=[[0, 1, 2], [4]])
    assert [y.data.tolist() for _, y in batches] == [[0, 1, 2], [4]]
    assert len(batches) == 2


@pytest.mark.parametrize("count", [0, 1, 5, 6])
@pytest.mark.parametrize("drop_last", [False, True])
def test_samplers_are_as_long_as_torchs(torch, count, drop_last):
    data = range(count)
    for library in (nnlib.utils.data, torch.utils.data):
        sampler = library.BatchSampler(library.SequentialSampler(data), 2, drop_last)
        batches = [[0, 1], [2, 3], [4, 5]][: count // 2]
        rest = [[count - 1]] if count % 2 and not drop_last else []
        assert list(sampler) == batches + rest
        assert len(sampler) == len(batches + rest)
        assert sorted(library.SubsetRandomSampler(list(data))) == list(data)
        if count:
            assert sorted(library.RandomSampler(data)) == list(data)
            many = library.RandomSampler(data, num_samples=2 * count)
            assert len(many) == len(list(many)) == 2 * count
            assert sorted(many) == sorted([*data, *data])
            some = list(library.RandomSampler(data, replacement=True, num_samples=20))
            assert len(some) == 20
            assert set(some) <= set(data)


def test_random_samplers_draw_anew_and_repeat_by_their_generator():
    sampler = nnlib.data.RandomSampler(range(50))
    assert list(sampler) != list(sampler)
    one, other = (list(nnlib.data.RandomSampler(range(50), generator=rng(3))) for _ in "ab")
    assert one == other


def test_weights_say_how_often(torch):
    weights = [1.0, 0.0, 3.0]
    drawn = list(nnlib.data.WeightedRandomSampler(weights, 8000, generator=rng()))
    assert drawn.count(1) == 0
    assert 0.72 < drawn.count(2) / 8000 < 0.78
    once = nnlib.data.WeightedRandomSampler(torch.tensor(weights).numpy(), 2, replacement=False)
    assert sorted(once) == [0, 2]
    with pytest.raises(ValueError, match="cannot draw 3 of 2 without replacement"):
        nnlib.data.WeightedRandomSampler(weights, 3, replacement=False)
    for wrong in ([-1.0, 2.0], [0.0, 0.0], [[1.0]]):
        with pytest.raises(ValueError, match=r"^WeightedRandomSampler: weights must be"):
            nnlib.data.WeightedRandomSampler(wrong, 1)


@pytest.mark.parametrize(
    "options",
    [
        {"sampler": [0], "shuffle": True}, {"batch_sampler": [[0]], "batch_size": 2},
        {"batch_sampler": [[0]], "shuffle": True}, {"batch_sampler": [[0]], "drop_last": True},
        {"batch_sampler": [[0]], "sampler": [0]},
    ],
)  # fmt: skip
def test_one_option_says_the_order(torch, options):
    with pytest.raises(ValueError, match=r"^DataLoader: the (batch_)?sampler .*leave"):
        DataLoader(numbered(3), **options)
    with pytest.raises(ValueError, match="mutually exclusive"):
        torch.utils.data.DataLoader(numbered(3), **options)
    with pytest.raises(TypeError, match=r"^DataLoader: sampler must give indices"):
        DataLoader(numbered(3), sampler=3)
    with pytest.raises(NotImplementedError, match=r"^Sampler must write __iter__"):
        iter(nnlib.data.Sampler())


def test_options_that_change_no_value_are_taken():
    plain = [x.data.tolist() for x, _ in DataLoader(numbered(3))]
    loader = DataLoader(
        numbered(3), num_workers=2, pin_memory=True, timeout=1, worker_init_fn=print,
        prefetch_factor=2, persistent_workers=True, pin_memory_device="cpu", in_order=False,
        multiprocessing_context="spawn",
    )  # fmt: skip
    assert [x.data.tolist() for x, _ in loader] == plain


# What an example may be ---------------------------------------------------------------------------


Pair = namedtuple("Pair", "x y")
EXAMPLES = {
    "arrays": [np.full((2, 3), i, np.float32) for i in range(5)],
    "an array": np.arange(10, dtype=np.float32).reshape(5, 2),
    "a vector": np.arange(5.0),
    "single-precision numbers": np.arange(5, dtype=np.float32),
    "bytes": np.arange(10, dtype=np.uint8).reshape(5, 2),
    "numbers": [0.5, 1.5, 2.5],
    "whole numbers": [1, 2, 3],
    "truth values": [True, False, True],
    "NumPy numbers": [np.float32(1), np.float32(2)],
    "words": ["a", "b", "c"],
    "pairs": [(np.ones(2, np.float32), 1), (np.zeros(2, np.float32), 2)],
    "lists": [[1, 2.0], [3, 4.0]],
    "nested": [(np.ones(2), (1, [2.0, 3])), (np.ones(2), (1, [2.0, 3]))],
    "dicts": [{"x": np.ones(2, np.float32), "y": i, "name": str(i)} for i in range(3)],
    "dicts in tuples": [({"x": 1.0}, 2), ({"x": 3.0}, 4)],
    "named tuples": [Pair(1.0, 2), Pair(3.0, 4)],
    "tensors": [
        (Tensor([1.0, 2.0]), Tensor(np.array(1))),
        (Tensor([3.0, 4.0]), Tensor(np.array(2))),
    ],
}


def plain(batch):
    """A batch without its library: dtypes and numbers."""
    if hasattr(batch, "tolist") or isinstance(batch, Tensor):
        values = batch.data if isinstance(batch, Tensor) else batch
        return str(values.dtype).removeprefix("torch."), values.tolist()
    if isinstance(batch, dict):
        return {key: plain(part) for key, part in batch.items()}
    if isinstance(batch, tuple | list):
        return type(batch).__name__, [plain(part) for part in batch]
    return batch


def translated(examples, make):
    """The same examples with Tensors of the other library."""
    if isinstance(examples, Tensor):
        return make(examples.data)
    if isinstance(examples, list | tuple) and not hasattr(examples, "_fields"):
        return type(examples)(translated(part, make) for part in examples)
    return examples


@pytest.mark.parametrize("examples", EXAMPLES.values(), ids=EXAMPLES)
@pytest.mark.parametrize("batch_size", [1, 2])
def test_batches_are_torchs(examples, batch_size):
    torch = pytest.importorskip("torch")
    theirs = torch.utils.data.DataLoader(translated(examples, torch.tensor), batch_size)
    assert [plain(b) for b in DataLoader(examples, batch_size)] == [plain(b) for b in theirs]


def test_a_tensor_is_a_dataset():
    batches = list(DataLoader(Tensor([[1.0], [2.0], [3.0]]), batch_size=2))
    assert [b.data.tolist() for b in batches] == [[[1.0], [2.0]], [[3.0]]]


def test_the_gradient_of_examples_is_not_lost():
    whole = Tensor([[1.0], [2.0], [3.0]], requires_grad=True)
    for examples in (whole, list(whole), TensorDataset(whole), Subset(whole, [0, 1, 2])):
        for batch in DataLoader(examples, batch_size=2):
            (batch[0] if isinstance(batch, list) else batch).sum().backward()
        assert whole.grad.tolist() == [[1.0]] * 3
        whole.grad = None


def test_whole_numbers_do_not_make_double_precision():
    mixed = [np.ones(2, np.float32), np.ones(2, np.int64)]
    assert default_collate(mixed).dtype == np.float32


def test_collate_fn_makes_the_batch():
    words = ["a", "bb", "c"]
    loader = DataLoader(words, batch_size=2, collate_fn=lambda batch: [len(w) for w in batch])
    assert list(loader) == [[1, 2], [1]]
    arrays = DataLoader(numbered(4), batch_size=2, collate_fn=list)
    assert [len(batch) for batch in arrays] == [2, 2]
    assert all(isinstance(batch[0], tuple) for batch in arrays)


X, Y = np.ones((8, 3), np.float32), np.zeros(8)


@pytest.mark.parametrize(
    ("dataset", "error", "words"),
    [
        ((X, Y), TypeError, r"arrays \(8, 3\), \(8,\) are no examples; write TensorDataset\(X, y\)"),
        ([X, Y], TypeError, r"write TensorDataset\(X, y\)"),
        ((Tensor(X), Tensor(X)), TypeError, r"write TensorDataset\(X, y\)"),
        ({"x": X, "y": Y}, TypeError, r"\['x', 'y'\] has no example 0; write TensorDataset\("),
        (np.array(1.0), TypeError, r"dataset must have len\(dataset\)"),
        (3, TypeError, r"dataset must have len\(dataset\) and dataset\[i\]"),
        ([np.ones(2), np.ones(3)], ValueError,
         r"example 0 is \(2,\), example 1 is \(3,\); make them alike, or give collate_fn="),
        ([(np.ones(2), 1), (np.ones(3), 1)], ValueError, r"example 0 is \(2,\), example 1 is \(3,\)"),
        ([(1, 2), (1, 2, 3)], ValueError, "example 0 has 2 parts, example 1 has 3 parts"),
        ([{"a": 1}, {"b": 1}], ValueError, r"example 0 has keys \['a'\], example 1 has keys \['b'\]"),
        ([(1, 2), 3], TypeError, "example 0 is a tuple, example 1 a int"),
        ([None, None], TypeError, "examples must be numbers, .* not NoneType; collate_fn= may"),
        ([(1, object()), (2, object())], TypeError, "examples must be numbers, .* not object"),
        ([1, "a"], TypeError, "examples must be numbers, .* not str"),
    ],
)  # fmt: skip
def test_other_examples_are_refused_in_words(dataset, error, words):
    with pytest.raises(error, match=words):
        list(DataLoader(dataset, batch_size=2))


def test_collate_fn_is_a_function():
    with pytest.raises(TypeError, match="collate_fn must be a function, not 3"):
        DataLoader(numbered(3), collate_fn=3)


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, None])
def test_batch_size_is_a_whole_number(batch_size):
    with pytest.raises((ValueError, TypeError), match="batch_size must be a whole number"):
        DataLoader(numbered(3), batch_size=batch_size)


def test_wrong_datasets_and_generators_are_named():
    with pytest.raises(TypeError, match="dataset must have len"):
        DataLoader(i for i in range(3))
    with pytest.raises(TypeError, match="generator must come from"):
        DataLoader(numbered(3), generator=0)
