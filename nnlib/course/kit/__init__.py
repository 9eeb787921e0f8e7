"""What lessons are made with: exercises and how they are judged, widgets and what they draw."""
