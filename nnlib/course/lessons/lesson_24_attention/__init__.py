"""Lesson 24: its exercises and its widgets."""
