"""Delivery: the charts' generated parts, and the ladder that every manifest climbs."""
