"""Work beside the window's thread: threads, jobs, the project, the detector, frames."""
