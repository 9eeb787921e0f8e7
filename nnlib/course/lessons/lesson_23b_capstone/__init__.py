"""Lesson 23b: its exercises and its widgets."""
