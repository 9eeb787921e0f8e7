"""The filter for system calls: read by a small model of the kernel's machine, and tried inside."""

import errno
import platform
import struct
import subprocess
import sys

import pytest

from nnlib.course.grade import syscalls

from .conftest import needs_sandbox
from .test_sandbox import asked

X86_64, AARCH64 = syscalls.MACHINES
ALLOWED, REFUSED, ABSENT = syscalls.ALLOW, syscalls.NOT_PERMITTED, syscalls.NOT_THERE


def filtered(machine: int, number: int, first_argument: int = 0) -> int:
    """What the filter returns, computed as seccomp(2) says."""
    given = struct.pack("IIQQ", number, machine, 0, first_argument)
    steps = list(struct.iter_unpack("HBBI", syscalls.program()))
    at = held = 0
    while True:
        what, if_true, if_false, value = steps[at]
        at += 1
        if what == syscalls.RETURN:
            return int(value)
        if what == syscalls.LOAD:
            (held,) = struct.unpack_from("I", given, value)
            continue
        tests = {
            syscalls.EQUAL: held == value,
            syscalls.AT_LEAST: held >= value,
            syscalls.ANY_BIT: bool(held & value),
        }
        at += if_true if tests[what] else if_false


@pytest.mark.parametrize(("machine", "column"), [(X86_64, 0), (AARCH64, 1)])
def test_the_filter_refuses_its_list_and_lets_the_rest_through(machine: int, column: int) -> None:
    listed = {numbers[column] for numbers in syscalls.REFUSED.values()}
    assert len(listed) == len(syscalls.REFUSED)
    special = {syscalls.CLONE[column], syscalls.CLONE3}
    for number in range(600):
        if number not in special:
            assert filtered(machine, number) == (REFUSED if number in listed else ALLOWED), number
    assert filtered(machine, syscalls.CLONE3) == ABSENT


@pytest.mark.parametrize(("machine", "column"), [(X86_64, 0), (AARCH64, 1)])
def test_clone_makes_threads_and_processes_but_no_namespaces(machine: int, column: int) -> None:
    clone, a_thread, a_process = syscalls.CLONE[column], 0x3D0F00, 0x1200011
    assert filtered(machine, clone, a_thread) == filtered(machine, clone, a_process) == ALLOWED
    for new in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert filtered(machine, clone, a_process | new) == REFUSED


def test_other_tables_of_calls_are_closed() -> None:
    i386, getpid = 0x40000003, 20
    assert filtered(i386, getpid) == REFUSED
    assert filtered(X86_64, syscalls.X32 | 39) == REFUSED


CALL = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"


@needs_sandbox()
@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="no other is filtered")
def test_a_worker_is_refused_each_of_them() -> None:
    column = ("x86_64", "aarch64").index(platform.machine())
    numbers = {name: both[column] for name, both in syscalls.REFUSED.items()}
    code = (
        f"{CALL}answer = {{}}\n"
        f"for name, number in {numbers}.items():\n"
        "    libc.syscall(number, 0, 0, 0, 0, 0)\n"
        "    answer[name] = ctypes.get_errno()"
    )
    assert eval(asked(code)) == dict.fromkeys(numbers, errno.EPERM)
    process_in_new_user_namespace = 0x10000000 | 17
    code = (
        f"{CALL}libc.syscall({syscalls.CLONE[column]}, {process_in_new_user_namespace}, 0, 0, 0, 0)\n"
        f"answer = ctypes.get_errno(), libc.syscall({syscalls.CLONE3}, 0, 0), ctypes.get_errno()"
    )
    assert eval(asked(code)) == (errno.EPERM, -1, errno.ENOSYS)


@needs_sandbox()
@pytest.mark.skipif(platform.machine() != "x86_64", reason="a way in that others do not have")
def test_the_32_bit_door_is_closed() -> None:
    code = (
        "import ctypes, mmap\n"
        "page = mmap.mmap(-1, 4096, prot=7)\n"
        r"page.write(b'\xb8\x14\x00\x00\x00\xcd\x80\xc3')  # eax = 20 (getpid); int 0x80; return"
        "\naddress = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
        "answer = ctypes.CFUNCTYPE(ctypes.c_int)(address)()"
    )
    assert asked(code) == str(-errno.EPERM)


@needs_sandbox()
def test_threads_and_processes_go_on_working() -> None:
    code = (
        "import numpy as np, os, socket, subprocess, sys, threading\n"
        "done = []\n"
        "thread = threading.Thread(target=lambda: done.append((np.eye(300) @ np.eye(300)).sum()))\n"
        "thread.start(); thread.join()\n"
        "child = os.fork()\n"
        "if child == 0: os._exit(7)\n"
        "pair = [end.close() for end in socket.socketpair()]\n"
        "answer = done, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), pair"
    )
    assert asked(code) == "([np.float64(300.0)], 7, [None, None])"


@pytest.mark.skipif(sys.platform != "linux", reason="a filter of Linux")
def test_without_the_filter_some_would_succeed() -> None:
    """What the tests above show is the filter's doing, for this process may open a socket."""
    code = (
        "import socket; socket.socket(); from nnlib.course.grade import syscalls as s; s.refuse()"
    )
    first = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    code += "; socket.socket()"
    second = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, timeout=60
    )
    assert first.returncode == 0
    assert b"PermissionError" in second.stderr
