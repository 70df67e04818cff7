"""AWS: /opt and /var/task are read-only and the same for every environment; each has a machine of its own to start on.

The emulator: unpacks code and layers anew for each process, and starts as many at once as there are calls.
"""

from __future__ import annotations

from .edit import Correction, Edit

_RUNTIME = "ministack.core.lambda_runtime"

SHARED_FILES = Correction(
    name="shared_files",
    aws="the files of a function and of its layers are the same for every environment",
    emulator="each process unpacks them anew: half a second of processor time for 40 MB",
    edits=(
        Edit(
            _RUNTIME,
            """        code_dir = os.path.join(self._tmpdir, "code")
        os.makedirs(code_dir)
        with open(os.path.join(self._tmpdir, "code.zip"), "wb") as f:
            f.write(self.code_zip)
        with zipfile.ZipFile(os.path.join(self._tmpdir, "code.zip")) as zf:
            zf.extractall(code_dir)
""",
            """        word = hashlib.sha256(self.code_zip).hexdigest()
        code_dir = os.path.join(tempfile.gettempdir(), f"code-{word}")
        if not os.path.isdir(code_dir):
            own_dir = os.path.join(self._tmpdir, "code")
            os.makedirs(own_dir)
            with open(os.path.join(self._tmpdir, "code.zip"), "wb") as f:
                f.write(self.code_zip)
            with zipfile.ZipFile(os.path.join(self._tmpdir, "code.zip")) as zf:
                zf.extractall(own_dir)
            try:
                os.rename(own_dir, code_dir)
            except OSError:
                if not os.path.isdir(code_dir):
                    code_dir = own_dir  # Another process may have been first; here nobody was.
""",
        ),
        Edit(
            _RUNTIME,
            """                    layer_dir = os.path.join(self._tmpdir, f"layer_{len(layers_dirs)}")
                    os.makedirs(layer_dir)
                    lzip = os.path.join(self._tmpdir, f"layer_{len(layers_dirs)}.zip")
                    try:
                        with open(lzip, "wb") as lf:
                            lf.write(layer_data)
""",
            """                    word = hashlib.sha256(layer_data).hexdigest()
                    shared = os.path.join(tempfile.gettempdir(), f"layer-{word}")
                    if os.path.isdir(shared):
                        layers_dirs.append(shared)
                        continue
                    layer_dir = os.path.join(self._tmpdir, f"layer_{len(layers_dirs)}")
                    os.makedirs(layer_dir)
                    lzip = os.path.join(self._tmpdir, f"layer_{len(layers_dirs)}.zip")
                    try:
                        with open(lzip, "wb") as lf:
                            lf.write(layer_data)
""",
        ),
        Edit(
            _RUNTIME,
            """                        raise RuntimeError(f"Failed to extract layer {layer_arn}") from e
                    layers_dirs.append(layer_dir)
""",
            """                        raise RuntimeError(f"Failed to extract layer {layer_arn}") from e
                    try:
                        os.rename(layer_dir, shared)
                    except OSError:
                        pass  # Another process may have been first.
                    layers_dirs.append(shared if os.path.isdir(shared) else layer_dir)
""",
        ),
    ),
)

START_SLOTS = Correction(
    name="start_slots",
    aws="a cold start takes nothing from its neighbours",
    emulator="twenty at once share the cores, and all are late; now as many start as there are cores",
    edits=(
        Edit(
            _RUNTIME,
            """    with _lock:
        entries = _workers.setdefault(key, [])
        for worker in entries:
""",
            """    deadline = time.monotonic() + _MS_START_WAIT
    with _lock:
        entries = _workers.setdefault(key, [])
        while _ms_must_wait(entries, config) and time.monotonic() < deadline:
            _ms_changed.wait(0.5)
            entries = _workers.setdefault(key, [])
        for worker in entries:
""",
        ),
        Edit(
            _RUNTIME,
            """        entries.append(worker)
        return worker, "spawn"
""",
            """        worker._ms_starting = True
        entries.append(worker)
        return worker, "spawn"
""",
        ),
        Edit(
            _RUNTIME,
            """    with _lock:
        worker.in_use = False


""",
            """    with _lock:
        worker.in_use = False
        worker._ms_starting = False
        _ms_changed.notify_all()


""",
        ),
        Edit(
            _RUNTIME,
            """                self._spawn()
                cold = True
                self._cold = False
            else:
                cold = False
""",
            """                self._spawn()
                cold = True
                self._cold = False
                with _lock:
                    self._ms_starting = False
                    _ms_changed.notify_all()
            else:
                cold = False
""",
        ),
        Edit(
            _RUNTIME,
            """_workers: dict = {}
_lock = threading.Lock()
""",
            """_workers: dict = {}
_lock = threading.Lock()
_ms_changed = threading.Condition(_lock)
_MS_CORES = os.cpu_count() or 1
_MS_START_WAIT = 30.0


def _ms_must_wait(entries, config):
    tenant_of = globals().get("_tenant_of", lambda _config: None)
    if any(not one.in_use and getattr(one, "tenant", None) == tenant_of(config) for one in entries):
        return False
    everyone = [one for pool in _workers.values() for one in pool]
    return sum(getattr(one, "_ms_starting", False) for one in everyone) >= _MS_CORES
""",
        ),
    ),
)
