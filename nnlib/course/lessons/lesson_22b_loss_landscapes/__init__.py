"""Lesson 22b: its exercises and its widgets."""
