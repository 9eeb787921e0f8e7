"""Lesson 23a: its exercises and its widgets."""
