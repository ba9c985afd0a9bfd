/**
 * The factories of requests, {@link dev.grain.resource.Resources}.
 *
 * <p>All amounts are exact: cores, GPUs and custom kinds count in ten-thousandths, memory in bytes.
 */
package dev.grain.resource;
