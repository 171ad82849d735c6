"""Virtual randomised trials: the study file, outcomes, accrual, randomisation, replicates and what they show."""
