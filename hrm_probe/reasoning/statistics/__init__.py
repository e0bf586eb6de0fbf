"""Statistics that questions share: changes by pairs, correlations, rankings, fits judged on rows they have not seen."""
