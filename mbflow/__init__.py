"""mbflow: phone call flows in git, planned and applied to the MessageBird Voice Calling API."""

__version__ = "0.1.0"
