"""Sala: an online deliberation forum and public-consultation platform."""
