package dev.grain.environment;

import java.nio.file.Path;
import java.util.List;
import org.apache.maven.model.Model;

/**
 * A project of Maven whose dependencies are on this machine.
 *
 * @param model its effective pom
 * @param toRun the jars that it needs to run, in the order of the class path
 * @param toCompile the jars that it is compiled with
 * @param processors the jars with its annotation processors
 */
record MavenProject(Model model, List<Path> toRun, List<Path> toCompile, List<Path> processors) {}
