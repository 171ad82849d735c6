"""What published studies found: their facts as data, pooled by stated methods."""
