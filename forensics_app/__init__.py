"""A desktop application for digital forensics laboratories."""

__version__ = "0.1.0"
