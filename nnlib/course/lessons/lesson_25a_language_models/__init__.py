"""Lesson 25a: its exercises and its widgets."""
