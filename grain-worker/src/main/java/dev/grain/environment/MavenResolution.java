package dev.grain.environment;

import dev.grain.concurrent.Uninterruptibly;
import dev.grain.node.prepare.PreparationException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.maven.model.Model;
import org.apache.maven.model.building.ModelBuildingException;
import org.apache.maven.model.building.ModelProblem;
import org.apache.maven.model.io.xpp3.MavenXpp3Reader;
import org.apache.maven.repository.internal.ArtifactDescriptorReaderDelegate;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.codehaus.plexus.util.xml.pull.XmlPullParserException;
import org.eclipse.aether.ConfigurationProperties;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositoryException;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.RepositorySystemSession.CloseableSession;
import org.eclipse.aether.RepositorySystemSession.SessionBuilder;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.graph.DependencyFilter;
import org.eclipse.aether.graph.DependencyNode;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.repository.WorkspaceReader;
import org.eclipse.aether.repository.WorkspaceRepository;
import org.eclipse.aether.resolution.ArtifactDescriptorRequest;
import org.eclipse.aether.resolution.ArtifactDescriptorResult;
import org.eclipse.aether.resolution.ArtifactResult;
import org.eclipse.aether.resolution.DependencyRequest;
import org.eclipse.aether.supplier.SessionBuilderSupplier;
import org.eclipse.aether.transfer.ArtifactNotFoundException;
import org.eclipse.aether.transfer.ArtifactTransferException;
import org.eclipse.aether.util.filter.DependencyFilterUtils;
import org.eclipse.aether.util.repository.SimpleArtifactDescriptorPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Finds the effective pom of a project and the jars that it needs, and downloads what is missing.
 *
 * <p>Implementation note: the libraries that do this take no notice of interrupts. So a thread of
 * its own does it, and who waits for that closes its connections when it is to end early.
 */
final class MavenResolution {
  /** Stands for the project, whose pom may have no coordinates of its own. */
  private static final Artifact PROJECT = new DefaultArtifact("grain", "project", "pom", "1");

  private static final long PAUSE_MILLIS = 20;

  private final Build build;
  private final Machine machine;
  private final Path repository;
  private final MavenTransfers transfers;

  /**
   * Makes one.
   *
   * @param repository where what is downloaded is kept
   */
  MavenResolution(Build build, Machine machine, Path repository) {
    this.build = build;
    this.machine = machine;
    this.repository = repository;
    this.transfers = new MavenTransfers(build.progress());
  }

  MavenProject run() throws PreparationException, IOException, InterruptedException {
    FutureTask<MavenProject> task = new FutureTask<>(this::resolve);
    Thread thread = Thread.ofPlatform().daemon().name("grain-maven").unstarted(task);
    thread.start();
    try {
      return task.get(build.timeLeft().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw build.tooLong("resolving " + build.setting().path(), "");
    } catch (ExecutionException e) {
      throw failure(Objects.requireNonNull(e.getCause()));
    } finally {
      // closes nothing if it has ended
      while (thread.isAlive()) {
        transfers.cancel();
        Uninterruptibly.await(
            TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS),
            left -> thread.join(Duration.ofNanos(Math.max(1, left))));
      }
    }
  }

  private PreparationException failure(Throwable cause) throws IOException {
    return switch (cause) {
      case PreparationException e -> e;
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> PreparationException.here(sentence(String.valueOf(cause), ""));
    };
  }

  private String sentence(String why, String advice) {
    return "The environment %s could not be made: %s.%s"
        .formatted(
            build.setting().description(),
            Build.withoutSecrets(why.strip().replaceFirst("\\.$", "")),
            advice);
  }

  private MavenProject resolve() throws PreparationException, IOException {
    build.progress().report("resolving " + build.setting().path(), 0, 0);
    Model model = read(build.main());
    MavenSettings settings = MavenSettings.read(machine);
    RepositorySystem system = transfers.system();
    SessionBuilder builder = new SessionBuilderSupplier(system).get();
    settings.applyTo(builder);
    Path local = settings.localRepository();
    if (local == null) {
      builder.withLocalRepositoryBaseDirectories(repository);
    } else {
      builder.withLocalRepositoryBaseDirectories(repository, local);
    }
    MavenSettings.properties(machine)
        .forEach((name, value) -> builder.setSystemProperty((String) name, (String) value));
    builder.setTransferListener(transfers);
    builder.setWorkspaceReader(new Project(build.main()));
    builder.setConfigProperty(
        ConfigurationProperties.REPOSITORY_SYSTEM_DEPENDENCY_VISITOR,
        ConfigurationProperties.REPOSITORY_SYSTEM_DEPENDENCY_VISITOR_PREORDER);
    try (CloseableSession session = builder.build()) {
      return resolve(model, system, session, settings);
    } catch (RepositoryException e) {
      throw failure(e, model);
    } finally {
      system.shutdown();
    }
  }

  /** Reads the pom as it is, and refuses one that has nothing to run. */
  private Model read(Path pom) throws PreparationException, IOException {
    try (InputStream in = Files.newInputStream(pom)) {
      Model model = new MavenXpp3Reader().read(in);
      if (!model.getModules().isEmpty()) {
        throw PreparationException.everywhere(
            "%s has the modules %s. Name the pom of the one that the job runs, such as Environment.maven(\"%s/pom.xml\"), and install the others in a repository."
                .formatted(
                    build.setting().path(),
                    String.join(", ", model.getModules()),
                    model.getModules().getFirst()));
      }
      return model;
    } catch (XmlPullParserException e) {
      throw PreparationException.everywhere(
          sentence("the pom is no XML of Maven (" + e.getMessage() + ")", " Correct it."));
    }
  }

  private static MavenProject resolve(
      Model model, RepositorySystem system, RepositorySystemSession session, MavenSettings settings)
      throws RepositoryException, PreparationException {
    Map<String, RemoteRepository> repositories = new LinkedHashMap<>();
    settings.repositories().forEach(each -> repositories.putIfAbsent(each.getId(), each));
    Described described = describe(system, session, new ArrayList<>(repositories.values()));
    ArtifactDescriptorResult project = described.result;
    project.getRepositories().forEach(each -> repositories.putIfAbsent(each.getId(), each));

    CollectRequest request = new CollectRequest();
    request.setRootArtifact(PROJECT);
    request.setDependencies(project.getDependencies());
    request.setManagedDependencies(project.getManagedDependencies());
    request.setRepositories(
        system.newResolutionRepositories(session, new ArrayList<>(repositories.values())));
    DependencyNode root = system.collectDependencies(session, request).getRoot();
    DependencyFilter toRun = DependencyFilterUtils.classpathFilter("runtime");
    DependencyFilter toCompile = DependencyFilterUtils.classpathFilter("compile");
    ensureNoSnapshots(
        model,
        system.flattenDependencyNodes(
            session, root, DependencyFilterUtils.orFilter(toRun, toCompile)));
    return new MavenProject(
        described.model,
        jars(system, session, root, toRun),
        jars(system, session, root, toCompile),
        processors(system, session, request, described.model));
  }

  /** Returns the jars of annotation processors, which the configuration of the compiler lists. */
  private static List<Path> processors(
      RepositorySystem system, RepositorySystemSession session, CollectRequest project, Model model)
      throws RepositoryException {
    Xpp3Dom configuration = MavenCompilation.configuration(model, MavenCompilation.COMPILER);
    Xpp3Dom paths =
        configuration == null ? null : configuration.getChild("annotationProcessorPaths");
    if (paths == null || paths.getChildCount() == 0) {
      return List.of();
    }
    CollectRequest request = new CollectRequest();
    for (Xpp3Dom each : paths.getChildren()) {
      request.addDependency(
          new Dependency(processor(each, project.getManagedDependencies()), "runtime"));
    }
    request.setManagedDependencies(project.getManagedDependencies());
    request.setRepositories(project.getRepositories());
    DependencyNode root = system.collectDependencies(session, request).getRoot();
    return jars(system, session, root, DependencyFilterUtils.classpathFilter("runtime"));
  }

  private static Artifact processor(Xpp3Dom path, List<Dependency> managed) {
    Map<String, String> parts = new LinkedHashMap<>();
    for (Xpp3Dom each : path.getChildren()) {
      parts.put(each.getName(), String.valueOf(each.getValue()).strip());
    }
    String group = parts.getOrDefault("groupId", "");
    String name = parts.getOrDefault("artifactId", "");
    String version =
        managed.stream()
            .map(Dependency::getArtifact)
            .filter(each -> each.getGroupId().equals(group) && each.getArtifactId().equals(name))
            .map(Artifact::getVersion)
            .findFirst()
            .orElse("");
    return new DefaultArtifact(
        group,
        name,
        parts.getOrDefault("classifier", ""),
        parts.getOrDefault("type", "jar"),
        parts.getOrDefault("version", version));
  }

  private static List<Path> jars(
      RepositorySystem system,
      RepositorySystemSession session,
      DependencyNode root,
      DependencyFilter needed)
      throws RepositoryException {
    List<Path> jars = new ArrayList<>();
    for (ArtifactResult each :
        system
            .resolveDependencies(session, new DependencyRequest(root, needed))
            .getArtifactResults()) {
      Path file = each.getArtifact().getPath();
      if (file != null && file.toString().endsWith(".jar")) {
        jars.add(file);
      }
    }
    return jars;
  }

  /** The effective pom, and what it needs. */
  private record Described(Model model, ArtifactDescriptorResult result) {}

  /** Keeps the effective pom that is read. */
  private static final class Effective extends ArtifactDescriptorReaderDelegate {
    // set by the thread that reads it
    private @Nullable Model model;

    @Override
    public void populateResult(
        RepositorySystemSession session, ArtifactDescriptorResult result, Model read) {
      model = read;
      super.populateResult(session, result, read);
    }
  }

  /** Reads the effective pom; errors in it are no reason to take it for an empty one. */
  private static Described describe(
      RepositorySystem system, RepositorySystemSession session, List<RemoteRepository> repositories)
      throws RepositoryException {
    Effective effective = new Effective();
    RepositorySystemSession strict =
        new DefaultRepositorySystemSession(session)
            .setConfigProperty(ArtifactDescriptorReaderDelegate.class.getName(), effective)
            .setArtifactDescriptorPolicy(new SimpleArtifactDescriptorPolicy(false, false));
    ArtifactDescriptorResult result =
        system.readArtifactDescriptor(
            strict,
            new ArtifactDescriptorRequest(
                PROJECT, system.newResolutionRepositories(session, repositories), ""));
    return new Described(Objects.requireNonNull(effective.model), result);
  }

  private static void ensureNoSnapshots(Model model, List<DependencyNode> nodes)
      throws PreparationException {
    List<Artifact> snapshots =
        nodes.stream()
            .map(DependencyNode::getArtifact)
            .filter(each -> each != null && each.isSnapshot())
            .toList();
    if (!snapshots.isEmpty()) {
      throw PreparationException.everywhere(
          "%s needs %s. The content of a snapshot changes, so nodes would run different code: release it, or ship it with the program."
              .formatted(
                  nameOf(model),
                  snapshots.stream().map(Artifact::toString).collect(Collectors.joining(", "))));
    }
  }

  private static String nameOf(Model model) {
    return "The project " + model.getArtifactId();
  }

  private PreparationException failure(RepositoryException e, Model model) throws IOException {
    String why = String.valueOf(e.getMessage());
    boolean ofThisNode = false;
    String advice = "";
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ModelBuildingException building) {
        why =
            building.getProblems().stream()
                .map(ModelProblem::getMessage)
                .collect(Collectors.joining("; "));
      } else if (cause instanceof ArtifactNotFoundException missing) {
        advice =
            isOfProject(missing.getArtifact(), model)
                ? " Modules of the same project are not built: install them in a repository first."
                : "";
      } else if (cause instanceof ArtifactTransferException) {
        ofThisNode = true;
      } else if (cause instanceof IOException io
          && String.valueOf(io.getMessage()).contains("No space left")) {
        throw io;
      }
    }
    return ofThisNode
        ? PreparationException.here(sentence(why, advice))
        : PreparationException.everywhere(sentence(why, advice));
  }

  private static boolean isOfProject(Artifact missing, Model model) {
    String group =
        model.getGroupId() == null && model.getParent() != null
            ? model.getParent().getGroupId()
            : model.getGroupId();
    return missing.getGroupId().equals(group);
  }

  /** Finds the pom of the project, and nothing else. */
  private static final class Project implements WorkspaceReader {
    private final WorkspaceRepository workspace = new WorkspaceRepository("grain");
    private final Path pom;

    Project(Path pom) {
      this.pom = pom;
    }

    @Override
    public WorkspaceRepository getRepository() {
      return workspace;
    }

    @Override
    public @Nullable File findArtifact(Artifact artifact) {
      return artifact.getGroupId().equals(PROJECT.getGroupId())
              && artifact.getArtifactId().equals(PROJECT.getArtifactId())
          ? pom.toFile()
          : null;
    }

    @Override
    public List<String> findVersions(Artifact artifact) {
      return List.of();
    }
  }
}
