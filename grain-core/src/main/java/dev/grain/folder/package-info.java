/** The folders of processes; those of processes that have died are removed. */
package dev.grain.folder;
