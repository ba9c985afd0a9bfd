/**
 * The arithmetic of resources: what a request asks for ({@link
 * dev.grain.resource.internal.Demand}), what a node offers ({@link
 * dev.grain.resource.internal.Offer}), which part of that is held at the moment ({@link
 * dev.grain.resource.internal.Slots}), and how a machine finds out what it has ({@link
 * dev.grain.resource.internal.Detection}).
 */
package dev.grain.resource.internal;
