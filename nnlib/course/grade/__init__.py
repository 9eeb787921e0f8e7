"""The instructor's side: answers run in isolation, judged outside, with marks and feedback."""
