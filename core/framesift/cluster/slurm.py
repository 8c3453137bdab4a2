"""An array of Slurm jobs, each of them one worker."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from framesift import files
from framesift.cluster.board import Board


def write_script(board: Board, count: int, command: Sequence[str]) -> Path:
    """Writes the script of an array of `count` jobs into the board's folder; its path. Each job
    works until no unit is free, so that their number does not matter to the results."""
    most = min(count, len(board.left()))
    line = shlex.join([*command, str(board.folder.resolve())])
    text = "\n".join(
        (
            "#!/bin/bash",
            "#SBATCH --job-name=framesift",
            f"#SBATCH --array=1-{most}",
            f"#SBATCH --output={board.folder.resolve()}/slurm-%A_%a.log",
            "# Add what your site needs: partition, account, --gres, modules.",
            f"exec {line}",
        )
    )
    path = board.folder / "workers.sbatch"
    files.write_text(path, text + "\n")
    return path
