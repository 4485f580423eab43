"""What is wrong with rows that a source gave: pure detectors, before anything is believed or stored."""
