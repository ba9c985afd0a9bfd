/** What a program uses: runs, wait groups, jobs and their options. */
package dev.grain;
