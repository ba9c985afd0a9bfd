/**
 * What a program uses: runs, wait groups, jobs and their options, results and exceptions.
 *
 * <p>The package has two levels. Its plain types (requests, allocations, attempts, outcomes,
 * exceptions) use none of the other packages, which all may use them. The other types join program,
 * head and workers, and use all packages.
 */
package dev.grain;
