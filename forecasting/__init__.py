"""The domain library of Foretick: pure functions and estimators; `forecasting.adapters` alone touches the world."""
