"""Why a forecaster says what it says: contributions of features, and whether the importances are plausible."""
