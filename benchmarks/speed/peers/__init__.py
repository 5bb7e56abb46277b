"""What mbflow is compared with: the floor, other tools, and a script as a user would write it."""
