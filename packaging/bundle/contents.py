"""What of the libraries goes into the bundle, and what only their developers need."""

from __future__ import annotations

import fnmatch
from pathlib import PurePath

UNWANTED = (
    # torch: its tests, headers and build tools. torchgen and torch._inductor stay: it imports
    # them by itself.
    "torch/test/*",
    "torch/include/*",
    "torch/share/*",
    "torch/lib/*.a",
    "torch/lib/*.lib",
    "torch/testing/_internal/*",
    "nvidia/*/include/*",
    "nvidia/*.a",
    "nvidia/*/bin/*",
    # onnxruntime: Python has a library of its own; this one is for other languages.
    "onnxruntime/capi/libonnxruntime.so*",
    "onnx/backend/*",
    # OpenVINO: what computes elsewhere than on processors, and reads other files than ours.
    "openvino/libs/*_gpu_plugin*",
    "openvino/libs/*_npu_*",
    "openvino/libs/*_auto_plugin*",
    "openvino/libs/*_auto_batch_plugin*",
    "openvino/libs/*_hetero_plugin*",
    "openvino/libs/*_jax_frontend*",
    "openvino/libs/*_tensorflow*",
    "openvino/libs/*_paddle_frontend*",
    "openvino/libs/*_gguf_frontend*",
    "openvino/libs/*_onnx_frontend*",
    "openvino/libs/*openvino_c*",
    "openvino/libs/cache.json",
    "openvino/libs/*.pc",
    "openvino_telemetry/*",
    # Qt: what is drawn with QML, the tools, and translations of those.
    "PySide6/Qt/qml/*",
    "PySide6/qml/*",
    "*Qt6Qml*",
    "*Qt6Quick*",
    "*Qt6VirtualKeyboard*",
    "*QtQml*",
    "*QtQuick*",
    "*qtvirtualkeyboard*",
    "*platforminputcontexts/*virtualkeyboard*",
    "*Qt6Designer*",
    "*QtDesigner*",
    "*Qt6Pdf*",
    "*imageformats/*qpdf*",
    "PySide6/Qt/libexec/*",
    "PySide6/typesystems/*",
    "PySide6/glue/*",
    "PySide6/include/*",
    "*/qmltooling/*",
    "*/egldeviceintegrations/*",
    "*EglFS*",
    "*EglFs*",
    "*/platforms/*eglfs*",
    "*/platforms/*linuxfb*",
    "*/platforms/*vkkhr*",
    "*/platforms/*vnc*",
    # Qt's GTK theme drags in the build machine's GTK; the window has its own look.
    "*/platformthemes/*gtk3*",
    "libgtk-3*",
    "libgdk-3*",
    "libgdk_pixbuf*",
    "libatk*",
    "libatspi*",
    "libepoxy*",
    "libcairo*",
    "libpango*",
    "libpixman*",
    "libthai*",
    "libdatrie*",
    "libfribidi*",
    "libharfbuzz.so*",
    "libgraphite2*",
    # Others: sample data, tests, stubs.
    "matplotlib/mpl-data/sample_data/*",
    "pyqtgraph/examples/*",
    "*/tests/*",
    "*.pyi",
    "*.pxd",
    "numpy/_core/include/*",
    "numpy/_core/lib/*",
)
"""Patterns of paths in the bundle, with forward slashes."""

EXCLUDED_MODULES = (
    "tkinter",
    "PIL.ImageTk",
    "matplotlib.backends._backend_tk",
    "matplotlib.sphinxext",
    "IPython",
    "pytest",
    "hypothesis",
    "sphinx",
    "docutils",
    "setuptools",
    "pip",
    "pkg_resources",
    "wheel",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtQuickWidgets",
    # torch.compile's compiler for graphics cards: a frozen torch cannot compile.
    "torch.utils.tensorboard",
    "triton",
    # Of scipy, whose statistics need its special functions, what other libraries name.
    *(
        f"scipy.{name}"
        for name in (
            "cluster",
            "constants",
            "datasets",
            "differentiate",
            "fft",
            "fftpack",
            "integrate",
            "interpolate",
            "io",
            "linalg",
            "misc",
            "ndimage",
            "odr",
            "optimize",
            "signal",
            "sparse",
            "spatial",
            "stats",
        )
    ),
    # Of pyqtgraph, what draws in three dimensions, what shows its own examples, and what
    # belongs to other programs than charts.
    *(
        f"pyqtgraph.{name}"
        for name in ("console", "dockarea", "examples", "flowchart", "jupyter", "opengl")
    ),
    "OpenGL",
    "h5py",
    "numba",
    # It reports home; OpenVINO goes on without it.
    "openvino_telemetry",
    # What prepares models of other makers for onnxruntime.
    "onnxruntime.quantization",
    "onnxruntime.tools",
    "onnxruntime.transformers",
)
"""Modules that nothing in Framesift calls, though a library may name them."""

_TORCH_PROGRAM = "torch/bin/torch_shm_manager"
"""torch will not start without it; the other programs there test and build."""
_QT_TEXTS = ("PySide6/Qt/translations/", "PySide6/translations/")


def wanted(path: str) -> bool:
    """Whether a file goes into the bundle; `path` as the bundle would have it."""
    text = PurePath(path).as_posix()
    for folder in _QT_TEXTS:
        # The window loads Qt's own words for its dialogs, and no other module's.
        if text.startswith(folder):
            return text.removeprefix(folder).startswith("qtbase_")
    if text.startswith("torch/bin/"):
        return text.startswith(_TORCH_PROGRAM)
    return not any(fnmatch.fnmatch(text, pattern) for pattern in UNWANTED)
