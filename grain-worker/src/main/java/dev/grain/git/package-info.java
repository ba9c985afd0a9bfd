/**
 * Code from git repositories: which commit a branch is, and checkouts of commits.
 *
 * <p>{@link dev.grain.git.GitRefs} asks a server where a branch is, {@link
 * dev.grain.git.GitCheckouts} keeps clones and checkouts of a machine. A {@code GitServer} is one
 * conversation with a server, for one login. All of this is JGit in this process; the program
 * {@code git} and its configuration are not used.
 */
@NullMarked
package dev.grain.git;

import org.jspecify.annotations.NullMarked;
