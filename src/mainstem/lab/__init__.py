"""The lab: what would another way of working have cost?"""
