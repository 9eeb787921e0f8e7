"""What a worker may not ask of the kernel: a filter, for good and for all its children.

A sandbox takes a worker's rights away, and the kernel gives some back to whoever asks: a user
namespace makes anybody root over mounts and networks of its own. So calls that no answer needs are
refused, above all those that most ways out of sandboxes have begun with.

The filter is a program for the kernel's classic BPF machine, see seccomp(2) and Kerrisk, "seccomp"
(2014). Beside the standard library nothing is imported here: a worker is given this file.
"""

import ctypes
import errno
import struct
import sys

MACHINES = 0xC000003E, 0xC00000B7  # x86_64 and aarch64, as the kernel numbers them

REFUSED = {  # numbers on x86_64 and on aarch64
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    # other processes, the kernel's own state and log
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "syslog": (103, 116),
    # keys, which a session leaves to its children
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # memory that no limit of a process counts
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "msgget": (68, 186),
    # networks; a machine's own, vsock, knows no namespaces
    "socket": (41, 198),
}
CLONE, CLONE3 = (56, 220), 435
NEW_NAMESPACE = 0x7E020000  # all of clone's flags CLONE_NEW…
X32 = 0x40000000  # numbers from here on are those of another table

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, MACHINE, FIRST_ARGUMENT = 0, 4, 16  # where they lie in what the filter is given
ALLOW = 0x7FFF0000
NOT_PERMITTED, NOT_THERE = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS

Step = tuple[int, int, int, int]  # what to do, steps to skip if true and if false, with what


def program() -> bytes:
    """The filter; on any machine but the two it refuses everything."""
    steps = [step for i, machine in enumerate(MACHINES) for step in _for_machine(machine, i)]
    steps.append((RETURN, 0, 0, NOT_PERMITTED))
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _for_machine(machine: int, i: int) -> list[Step]:
    steps: list[Step] = [(LOAD, 0, 0, NUMBER), *_if(AT_LEAST, X32, NOT_PERMITTED)]
    for numbers in REFUSED.values():
        steps += _if(EQUAL, numbers[i], NOT_PERMITTED)
    # clone3 keeps its flags in memory, where no filter can look; C libraries then try clone.
    steps += _if(EQUAL, CLONE3, NOT_THERE)
    steps += [(EQUAL, 0, 3, CLONE[i]), (LOAD, 0, 0, FIRST_ARGUMENT)]
    steps += _if(ANY_BIT, NEW_NAMESPACE, NOT_PERMITTED)
    steps += [(RETURN, 0, 0, ALLOW)]
    return [(LOAD, 0, 0, MACHINE), (EQUAL, 0, len(steps), machine), *steps]


def _if(test: int, value: int, then: int) -> list[Step]:
    return [(test, 0, 1, value), (RETURN, 0, 0, then)]


def refuse() -> None:
    """Have this process, and all that come of it, refused these calls from now on."""
    if sys.platform != "linux":
        return
    code = program()

    class Program(ctypes.Structure):
        _fields_ = (("steps", ctypes.c_ushort), ("code", ctypes.c_char_p))

    set_no_new_privileges, set_filter, by_program = 38, 22, 2
    kernel = ctypes.CDLL(None, use_errno=True)
    filtered = ctypes.byref(Program(len(code) // 8, code))
    if kernel.prctl(set_no_new_privileges, 1, 0, 0, 0) or kernel.prctl(
        set_filter, by_program, filtered
    ):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter for system calls")
