"""torch's names for NumPy's dtypes: ``nnlib.float32``, ``nnlib.long``, …

They are NumPy's own, so ``x.dtype == nnlib.float32`` and ``np.zeros(3, nnlib.long)`` both hold.
"""

import numpy as np

dtype = np.dtype

bool = np.dtype(np.bool_)
uint8 = np.dtype(np.uint8)
int8 = np.dtype(np.int8)
int16 = short = np.dtype(np.int16)
int32 = int = np.dtype(np.int32)
int64 = long = np.dtype(np.int64)
float16 = half = np.dtype(np.float16)
float32 = float = np.dtype(np.float32)
float64 = double = np.dtype(np.float64)

finfo, iinfo = np.finfo, np.iinfo  # finfo(float32).max, .eps

__all__ = [
    "bool", "double", "dtype", "finfo", "float", "float16", "float32", "float64", "half", "iinfo", "int", "int8",
    "int16", "int32", "int64", "long", "short", "uint8",
]  # fmt: skip
