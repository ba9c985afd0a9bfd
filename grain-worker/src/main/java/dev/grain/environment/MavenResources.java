package dev.grain.environment;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.maven.model.Model;
import org.apache.maven.model.Resource;
import org.codehaus.plexus.util.SelectorUtils;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.jspecify.annotations.Nullable;

/** Copies the resources of a project of Maven as its resources plugin would. */
final class MavenResources {
  private static final String PLUGIN = "org.apache.maven.plugins:maven-resources-plugin";

  private static final Set<String> BINARY = Set.of("jpg", "jpeg", "gif", "bmp", "png", "ico");

  private final Model model;
  private final Path classes;
  private final Pattern placeholder;
  private final Charset encoding;

  /**
   * Makes it.
   *
   * @param model the effective pom
   * @param classes where the resources go
   */
  MavenResources(Model model, Path classes) {
    this.model = model;
    this.classes = classes;
    this.placeholder = placeholder(MavenCompilation.configuration(model, PLUGIN));
    String named = model.getProperties().getProperty("project.build.sourceEncoding");
    this.encoding = named == null ? StandardCharsets.UTF_8 : Charset.forName(named);
  }

  /** Returns what stands for a property in a file: {@code ${name}} and {@code @name@} usually. */
  private static Pattern placeholder(@Nullable Xpp3Dom configuration) {
    List<String> delimiters = new ArrayList<>();
    Xpp3Dom named = configuration == null ? null : configuration.getChild("delimiters");
    if (named != null) {
      for (Xpp3Dom each : named.getChildren()) {
        delimiters.add(String.valueOf(each.getValue()).strip());
      }
    }
    Xpp3Dom usual = configuration == null ? null : configuration.getChild("useDefaultDelimiters");
    if (usual == null || !"false".equals(usual.getValue())) {
      delimiters.addAll(List.of("${*}", "@"));
    }
    return Pattern.compile(
        delimiters.stream()
            .map(each -> each.contains("*") ? each.split("\\*", 2) : new String[] {each, each})
            .map(ends -> Pattern.quote(ends[0]) + "([\\w.-]+)" + Pattern.quote(ends[1]))
            .collect(Collectors.joining("|")));
  }

  void copy() throws IOException {
    for (Resource each : model.getBuild().getResources()) {
      Path folder = Path.of(each.getDirectory());
      if (Files.isDirectory(folder)) {
        String below = each.getTargetPath() == null ? "" : each.getTargetPath();
        copy(each, folder, classes.resolve(below).normalize());
      }
    }
  }

  private void copy(Resource resource, Path folder, Path target) throws IOException {
    if (!target.startsWith(classes)) {
      throw new IOException(
          "The resources in %s are to be outside of the classes".formatted(folder));
    }
    for (Path file : FileTree.list(folder)) {
      String name = FileTree.name(folder, file);
      if (Files.isRegularFile(file) && isWanted(resource, name)) {
        Path copy = target.resolve(name);
        Files.createDirectories(FileTree.parent(copy));
        if (resource.isFiltering() && !isBinary(name)) {
          Files.writeString(copy, filled(Files.readString(file, encoding)), encoding);
        } else {
          Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  private static boolean isWanted(Resource resource, String name) {
    List<String> includes = resource.getIncludes();
    return (includes.isEmpty() || includes.stream().anyMatch(each -> matches(each, name)))
        && resource.getExcludes().stream().noneMatch(each -> matches(each, name));
  }

  private static boolean matches(String pattern, String name) {
    String whole = pattern.endsWith("/") ? pattern + "**" : pattern;
    return SelectorUtils.matchPath(whole, name, "/", true);
  }

  private static boolean isBinary(String name) {
    return BINARY.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }

  /** Returns a text with the values of properties; a name that is not known stays as it is. */
  private String filled(String text) {
    Matcher found = placeholder.matcher(text);
    StringBuilder filled = new StringBuilder();
    while (found.find()) {
      String value = null;
      for (int i = 1; i <= found.groupCount(); i++) {
        value = found.group(i) == null ? value : value(found.group(i));
      }
      found.appendReplacement(
          filled, Matcher.quoteReplacement(value == null ? found.group() : value));
    }
    return found.appendTail(filled).toString();
  }

  private @Nullable String value(String name) {
    Properties properties = model.getProperties();
    return switch (name) {
      case "project.groupId", "pom.groupId" -> model.getGroupId();
      case "project.artifactId", "pom.artifactId" -> model.getArtifactId();
      case "project.version", "pom.version" -> model.getVersion();
      case "project.name", "pom.name" ->
          model.getName() == null ? model.getArtifactId() : model.getName();
      case "project.description", "pom.description" -> model.getDescription();
      case "project.url", "pom.url" -> model.getUrl();
      default -> properties.getProperty(name);
    };
  }
}
