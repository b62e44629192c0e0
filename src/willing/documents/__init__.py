"""Documents for people: assessment, processing record, erasure receipt, camera notice, way comparison."""
