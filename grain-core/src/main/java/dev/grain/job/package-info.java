/**
 * What is said about a job everywhere: its id, what it asks for and what it holds, its attempts,
 * its outcome, and the exceptions that tell what went wrong.
 */
package dev.grain.job;
