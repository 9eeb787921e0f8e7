"""Lesson 22a: its exercises and its widgets."""
