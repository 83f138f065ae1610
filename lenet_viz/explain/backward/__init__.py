"""Why a gradient is what it is: downstream gradients times local derivatives, added up."""
