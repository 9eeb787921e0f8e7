"""`python -m nnlib.course.grade SUBMISSIONS --assignment 01_neuron --out GRADES`."""
