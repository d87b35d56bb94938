"""What another way of working would have cost: policies, landscapes and campaigns, simulated."""
