/**
 * What a job asks for and what it gets: {@link dev.grain.resource.Resource} is a request, made by
 * the factories of {@link dev.grain.resource.Resources}; {@link dev.grain.resource.Allocation} says
 * what a running job holds.
 *
 * <p>All amounts are exact: cores, GPUs and custom kinds count in ten-thousandths, memory in bytes.
 */
package dev.grain.resource;
