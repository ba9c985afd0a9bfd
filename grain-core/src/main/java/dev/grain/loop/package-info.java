/**
 * The loops that own state: one thread each that runs tasks one after another and knows the time. A
 * Netty event loop in production, a manually driven loop in the simulation.
 */
package dev.grain.loop;
