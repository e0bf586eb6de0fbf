"""What the states carry: interventions, patches, probes."""
