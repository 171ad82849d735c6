"""What a trial's laboratory reports of the virtual patients: sampled, measured with error, cut at limits."""
