"""Files of other systems, row by row into facts, through the same intake as everybody else."""
