"""Notebooks that break, cheat or attack: what is in their cells, and what each answer is worth.

Every kind begins with the three right answers of `tiny`. What it adds or changes stands here, and
which of the exercises are lost by it; all others keep their full points.
"""

from dataclasses import dataclass, field
from typing import Any

FORWARD = "def forward(x):\n    return np.maximum(x, 0)"
BACKWARD = "def backward(g, x):\n    return g * (x > 0)"
TOTAL = "def total(x):\n    return x.sum(), x.size"
RIGHT = {"forward": FORWARD, "backward": BACKWARD, "total": TOTAL}


@dataclass(frozen=True)
class Kind:
    """One hostile or broken notebook."""

    name: str
    before: tuple[str, ...] = ()  # cells in front of the answers
    after: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)  # in place of the right ones
    lost: tuple[str, ...] = ()  # exercises that get 0
    partly: tuple[str, ...] = ()  # exercises that get some points, and not all

    @property
    def cells(self) -> list[str]:
        return ["import numpy as np", *self.before, *(RIGHT | self.answers).values(), *self.after]


def forged(lines: str) -> str:
    """Code that writes lines (an expression) wherever a channel to the grader may be."""
    return (
        f"import os\nlines = {lines}\n"
        "for fd in range(3, 20):\n    try: os.write(fd, lines.encode() + bytes([10]))\n    except OSError: pass"
    )


LIBC = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
# A reply to the first call of `forward`: its shape promises a trillion rows of no columns.
LYING_HEADER = forged(
    """__import__('json').dumps({'exercise': 'forward', 'case': 0, 'words': [''] * 3, 'warning': '', 'after': {}, 'outputs': [{'strided': False, 'fixed': False, 'scalar': False, 'array': '<f8', 'shape': [1 << 40, 0], 'bytes': ''}]})"""
)


def of(name: str, **parts: Any) -> Kind:
    return Kind(name, **{k: (v,) if isinstance(v, str) else v for k, v in parts.items()})


def instead(name: str, body: str, lost: bool = True) -> Kind:
    """`forward` with another body."""
    lines = "\n".join("    " + line for line in body.split("\n"))
    answer = {"forward": f"def forward(x):\n{lines}"}
    return Kind(name, answers=answer, lost=("forward",) if lost else ())


# Everything that only makes noise: no answer is worth less for it.
NOISE = [
    of("a cell that never ends", before="while True:\n    pass"),
    of("a numpy.py of its own", before="%%writefile numpy.py\nmaximum = None"),
    of("a stand-in that is changed", before="import tqdm\ntype(tqdm).__getattr__ = lambda *a: 1 / 0"),
    of("chance that is hidden", before="import random\nnp.random.get_state = random.getstate = lambda *a: ()"),
    of("a loop that swallows everything", before="while True:\n    try:\n        while True: pass\n    except: pass"),
    of("exit in a cell", before="exit()"),
    of("sys.exit in a cell", before="import sys; sys.exit(3)"),
    of("os._exit in a cell", before="import os; os._exit(0)"),
    of("os._exit after the answers", after="import os; os._exit(0)"),
    of("kills its own process", after="import os; os.kill(os.getpid(), 9)"),
    of("kills all that it can", after="import os; os.kill(-1, 9)"),
    of("a segfault", after="import ctypes; ctypes.string_at(0)"),
    of("abort", after="import os; os.abort()"),
    of("endless recursion", before="def f(): return f()\nf()"),
    of("a memory bomb", after="waste = [bytearray(1 << 28) for _ in range(1000)]"),
    of("a huge array", after="np.ones(1 << 40)"),
    of("a disk bomb", after="open('/tmp/x', 'wb').write(b'0' * (1 << 27))"),
    of("many files", after="for i in range(10000): open(f'/tmp/{i}', 'w').write('x' * 50000)"),
    of("a process bomb", after="import os\nfor _ in range(500): os.fork()"),
    of("a thread bomb", after="import threading, time\nfor _ in range(500): threading.Thread(target=time.sleep, args=(9,)).start()"),
    of("an output bomb", after="for _ in range(100000): print('x' * 1000)"),
    of("an output bomb past Python", after="import os\nfor _ in range(1000): os.write(1, b'x' * 65536)"),
    of("background threads", before="import threading\ndef spin():\n    while True: pass\nthreading.Thread(target=spin, daemon=True).start()"),
    of("a background process", after="import subprocess; subprocess.Popen(['sleep', '60'])"),
    of("a daemon", after="import os\nif os.fork() == 0:\n    os.setsid()\n    import time; time.sleep(60)"),
    of("input()", before="name = input('Your name? ')"),
    of("magics", before="%matplotlib inline\n!pip install torch\nx = 1\n?np.sum"),
    of("a cell in another language", before="%%bash\nrm -rf /"),
    of("timing", before="%%time\nx = 1"),
    of("a syntax error", before="def broken(:"),
    of("a null byte", before="x = '\x00'"),
    of("a very long line", before="x = '" + "a" * 1_000_000 + "'"),
    of("deep nesting", before="(" * 5000 + ")" * 5000),
    of("surrogates", before="x = '\ud800'"),
    of("plots", before="import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1]); plt.show()"),
    of("widgets", before="from nnlib.course.widgets import neuron_boundary\nneuron_boundary()"),
    of("the checks of the course", before="from nnlib.course.check import check\ncheck(None)"),
    of("an import that is not there", before="import torch\nimport sklearn"),
    of("atexit", before="import atexit\natexit.register(lambda: 1 / 0)"),
    of("signals", before="import signal\nfor s in (2, 15): signal.signal(s, signal.SIG_IGN)"),
    of("trace functions", before="import sys\nsys.settrace(lambda *a: None)"),
    of("warnings as errors", before="import warnings; warnings.simplefilter('error')"),
    of("closed channels", before="import os\nos.close(0); os.close(1); os.close(2)"),
    of("network", before="import urllib.request\nurllib.request.urlopen('http://example.com', timeout=5)"),
    of("reading the disk", before="print(open('/etc/passwd').read())"),
    of("writes everywhere", before="import os\nfor d, _, _ in os.walk('/'):\n    try: open(d + '/x', 'w').write('x')\n    except OSError: pass"),
    of("a gradebook of its own", before="import sqlite3\nc = sqlite3.connect('gradebook.db'); c.execute('create table grade (score)')"),
    of("escapes in output", before="print('\\x1b[2J\\x1b]0;owned\\x07')"),
    of("an exception of its own making", before="class Out(BaseException): pass\nraise Out"),
    of("an exception that cannot be shown", before="class Mute(Exception):\n    def __str__(self): raise self\nraise Mute"),
    of("a user namespace of its own", before=f"{LIBC}libc.unshare(0x10000000); libc.mount(b'x', b'/packages', b'tmpfs', 0, None)"),
    of("mounts over the grader", before=f"{LIBC}libc.mount(b'x', b'/grader', b'tmpfs', 0, None); libc.umount2(b'/packages', 2)"),
    of("shared memory without end", before=f"{LIBC}for _ in range(100):\n    n = libc.shmget(0, 1 << 30, 0o1600)\n    libc.shmat.restype = ctypes.c_void_p\n    if n >= 0: ctypes.memset(libc.shmat(n, None, 0), 1, 1 << 30)"),
    of("files in memory without end", before="import os\nfor _ in range(100): os.write(os.memfd_create('x'), b'x' * (40 << 20))"),
    of("a socket to the machine beneath", before="import socket\ns = socket.socket(40, 1); s.settimeout(2); s.connect((2, 22))"),
    of("an abstract socket", before="import socket\nsocket.socket(socket.AF_UNIX).connect(chr(0) + '/tmp/dbus')"),
    of("the keys of the session", before=f"{LIBC}libc.syscall(250, 11, -3, ctypes.create_string_buffer(99), 99)"),
    of("types into the terminal", before="import fcntl, os\nfor fd in range(20):\n    try: fcntl.ioctl(fd, 0x5412, b'x')\n    except OSError: pass"),
    of("settings of the kernel", before="import os\nfor d, _, files in os.walk('/proc/sys'):\n    for f in files:\n        try: open(f'{d}/{f}', 'w').write('1')\n        except OSError: pass"),
    of("the memory of others", before="import os\nfor p in os.listdir('/proc'):\n    try: open(f'/proc/{p}/mem', 'r+b').write(b'x')\n    except OSError: pass"),
    of("stops itself", after="import os; os.kill(os.getpid(), 19)"),
    of("a forged cell of any number", before=forged("""'{"cell": %s, "problem": "x"}' % ('9' * 4300)""")),
    of("forged words that no file can hold", before=forged("""'{"cell": 2, "problem": "' + chr(92) + 'ud800"}'""")),
    of("a finalizer", after="class D:\n    def __del__(self): 1 / 0\nd = D()"),
]  # fmt: skip

# Answers that hang, die or lie: each costs its own exercise, and nothing else.
WRONG = [
    instead("a function that never ends", "while True: pass"),
    instead("a function that swallows everything", "while True:\n    try:\n        while True: pass\n    except: pass"),
    instead("a function that exits", "exit()"),
    instead("a function that kills the process", "import os\nos._exit(0)"),
    instead("a function that segfaults", "import ctypes\nctypes.string_at(0)"),
    instead("a function that recurses", "return forward(x)"),
    instead("a memory bomb in a function", "return [bytearray(1 << 28) for _ in range(1000)]"),
    instead("an answer too large to send", "return np.zeros(1 << 26)"),
    instead("a gigantic shape", "return np.broadcast_to(0.0, (1 << 40,))"),
    Kind("NaN everywhere", answers={"forward": "def forward(x):\n    return np.full(x.shape, np.nan)"}, partly=("forward",)),
    Kind("infinity everywhere", answers={"forward": "def forward(x):\n    return np.full(x.shape, np.inf)"}, partly=("forward",)),
    instead("a trillion rows of no columns", "return np.empty((1 << 40, 0))"),
    instead("as many as may be sent", "return np.zeros((2000, 2000), bool)"),
    instead("a string", "return '<script>alert(1)</script>'"),
    instead("a generator", "yield np.maximum(x, 0)"),
    instead("nothing", "np.maximum(x, 0)"),
    instead("an object that claims to equal everything", "class Yes:\n    def __eq__(self, other): return True\n    def __array__(self, *a, **k): return np.zeros((3, 3))\nreturn Yes()"),
    instead("a subclass whose comparisons succeed", "class Yes(np.ndarray):\n    def __eq__(self, other): return np.ones(self.shape, bool)\n    def __sub__(self, other): return np.zeros(self.shape)\nreturn np.zeros(x.shape[:1]).view(Yes)"),
    instead("an object that cannot be copied", "class No:\n    def __array__(self, *a, **k): raise SystemExit\nreturn No()"),
    instead("an exception with a page of HTML", "raise ValueError('<img src=x onerror=alert(1)>' * 10000)"),
    instead("a KeyboardInterrupt", "raise KeyboardInterrupt"),
    instead("PyTorch does it", "import torch\nreturn torch.relu(torch.tensor(x)).numpy()"),
    instead("nnlib does it", "import nnlib.nn.functional as F\nreturn F.relu(x).data"),
    instead("scikit-learn does it", "from sklearn.neural_network._base import ACTIVATIONS\nreturn ACTIVATIONS['relu'](x)"),
    instead("a library dug up", "import sys\nsys.meta_path = [f for f in sys.meta_path if 'StandIns' not in type(f).__name__]\nimport nnlib.nn.functional as F\nreturn F.relu(x).data"),
    instead("the frames above", "import sys\nf = sys._getframe()\nwhile f:\n    for v in list(f.f_locals.values()):\n        if isinstance(v, dict) and 'expected' in v: return v['expected']\n    f = f.f_back\nreturn None"),
    instead("garbage of others", "import gc\nreturn next(o for o in gc.get_objects() if isinstance(o, dict) and 'reference' in o)['reference'](x)"),
    instead("the specification on disk", "import os\nfor d, _, files in os.walk('/'):\n    for f in files:\n        if f in ('tiny.py', 'neuron.py'): exec(open(f'{d}/{f}').read()); return forward(x)\nreturn None"),
    Kind("a name that only looks right", answers={"forward": "def forwаrd(x):\n    return np.maximum(x, 0)"}, lost=("forward",)),
    Kind("no answer at all", answers={"forward": ""}, lost=("forward",)),
    Kind("a patched maximum", before=("np.maximum = lambda a, b: a * 0",), partly=("forward",)),
    Kind("a patched sum", before=("np.ndarray.sum = lambda a: 0",)),
    Kind("a patched comparison", before=("np.allclose = np.array_equal = lambda *a, **k: True",), answers={"forward": "def forward(x):\n    return x * 0 + 5"}, partly=("forward",)),
    Kind("patched builtins", before=("import builtins\nbuiltins.all = builtins.any = lambda *a: True\nbuiltins.abs = lambda a: 0",), answers={"forward": "def forward(x):\n    return x * 0 + 5"}, partly=("forward",)),
    Kind("a patched json", before=("import json\njson.dumps = lambda *a, **k: '{\"end\": true}'",), lost=("forward", "backward", "total")),
    Kind("forged results on the channel", before=("import os, json\nfor fd in range(3, 20):\n    try: os.write(fd, (json.dumps({'exercise': 'forward', 'passed': True, 'points': 100}) + chr(10)).encode())\n    except OSError: pass",), answers={"forward": "def forward(x):\n    return None"}, lost=("forward",)),
    Kind("a forged reply whose header lies", before=(LYING_HEADER,), lost=("forward",)),
    Kind("forged cells without end", before=(forged("""chr(10).join('{"cell": %d, "problem": "x"}' % i for i in range(99999))"""),), lost=("forward", "backward", "total")),
    Kind("forged names within names", before=(forged("""chr(10).join('{"exercise": ' + '[' * n + ']' * n + '}' for n in range(1, 3000, 7))"""),)),
    Kind("a forged end", before=("import os\nfor fd in range(3, 20):\n    try: os.write(fd, b'{\"end\": true}' + bytes([10]))\n    except OSError: pass",), lost=("forward", "backward", "total")),
    Kind("a check that always says right", before=("def check(f): print('forward: right, 5 of 5 properties hold')",), answers={"forward": "def forward(x):\n    return x * 0 - 1"}, partly=("forward",)),
    Kind("it changes what it is given", answers={"forward": "def forward(x):\n    x[x < 0] = 0\n    return x"}, partly=("forward",)),
]  # fmt: skip

# Right answers that stand or look unusual.
RIGHT_ALL_THE_SAME = [
    of("answers in one cell", answers={"forward": "\n\n".join(RIGHT.values()), "backward": "", "total": ""}),
    of("a test that fails beneath the answer", answers={"forward": FORWARD + "\nassert forward(1) == 2"}),
    of("a loop beneath the answer", answers={"forward": FORWARD + "\nwhile True: pass"}),
    of("an exit beneath the answer", answers={"forward": FORWARD + "\nexit()"}),
    of("a class that is called", answers={"forward": "class Relu:\n    def __call__(self, x): return np.maximum(x, 0)\nforward = Relu()"}),
    of("a partial function", answers={"forward": "from functools import partial\nforward = partial(np.maximum, 0)"}),
    of("a lambda", answers={"forward": "forward = lambda x: np.maximum(x, 0)"}),
    of("lists in place of arrays", answers={"forward": "def forward(x):\n    return [[max(v, 0) for v in row] for row in x]"}),
    of("a helper in a later cell", answers={"forward": "def forward(x):\n    return positive(x)"}, after="def positive(x):\n    return np.maximum(x, 0)"),
    of("the stub copied beneath", after="pass"),
    of("prints in the answer", answers={"forward": "def forward(x):\n    print(x)\n    return np.maximum(x, 0)"}),
]  # fmt: skip

KINDS = [*NOISE, *WRONG, *RIGHT_ALL_THE_SAME]
