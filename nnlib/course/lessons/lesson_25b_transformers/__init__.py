"""Lesson 25b: its exercises and its widgets."""
