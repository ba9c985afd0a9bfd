package dev.grain.environment;

import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.maven.settings.Mirror;
import org.apache.maven.settings.Profile;
import org.apache.maven.settings.Proxy;
import org.apache.maven.settings.Repository;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.building.DefaultSettingsBuilderFactory;
import org.apache.maven.settings.building.DefaultSettingsBuildingRequest;
import org.apache.maven.settings.building.SettingsBuildingException;
import org.apache.maven.settings.crypto.DefaultSettingsDecrypter;
import org.apache.maven.settings.crypto.DefaultSettingsDecryptionRequest;
import org.apache.maven.settings.crypto.SettingsDecryptionResult;
import org.eclipse.aether.RepositorySystemSession.SessionBuilder;
import org.eclipse.aether.repository.Authentication;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.repository.RepositoryPolicy;
import org.eclipse.aether.util.repository.AuthenticationBuilder;
import org.eclipse.aether.util.repository.DefaultAuthenticationSelector;
import org.eclipse.aether.util.repository.DefaultMirrorSelector;
import org.eclipse.aether.util.repository.DefaultProxySelector;
import org.jspecify.annotations.Nullable;
import org.sonatype.plexus.components.cipher.DefaultPlexusCipher;
import org.sonatype.plexus.components.sec.dispatcher.DefaultSecDispatcher;

/** The settings of Maven of the user of this process. */
final class MavenSettings {
  private static final String DEFAULT_LAYOUT = "default";

  private final Settings settings;
  private final SettingsDecryptionResult decrypted;
  private final Path folder;

  private MavenSettings(Settings settings, SettingsDecryptionResult decrypted, Path folder) {
    this.settings = settings;
    this.decrypted = decrypted;
    this.folder = folder;
  }

  static Path file(Machine machine) {
    return folder(machine).resolve("settings.xml");
  }

  private static Path folder(Machine machine) {
    return machine.home().resolve(".m2");
  }

  /** Reads them; without a file they are empty. */
  static MavenSettings read(Machine machine) throws PreparationException {
    Path file = file(machine);
    DefaultSettingsBuildingRequest request = new DefaultSettingsBuildingRequest();
    request.setUserSettingsFile(file.toFile());
    request.setSystemProperties(properties(machine));
    try {
      Settings settings =
          new DefaultSettingsBuilderFactory().newInstance().build(request).getEffectiveSettings();
      SettingsDecryptionResult decrypted =
          new DefaultSettingsDecrypter(
                  new DefaultSecDispatcher(
                      new DefaultPlexusCipher(),
                      Map.of(),
                      folder(machine).resolve("settings-security.xml").toString()))
              .decrypt(new DefaultSettingsDecryptionRequest(settings));
      if (!decrypted.getProblems().isEmpty()) {
        throw PreparationException.here(
            "The passwords in %s cannot be decrypted. Check settings-security.xml beside it."
                .formatted(file));
      }
      return new MavenSettings(settings, decrypted, folder(machine));
    } catch (SettingsBuildingException e) {
      throw PreparationException.here(
          "The settings of Maven in %s cannot be read (%s). Correct or remove them."
              .formatted(file, e.getProblems().getFirst().getMessage()));
    }
  }

  /** Returns the properties that poms and settings may refer to. */
  static Properties properties(Machine machine) {
    Properties properties = new Properties();
    machine.variables().forEach((name, value) -> properties.setProperty("env." + name, value));
    System.getProperties()
        .stringPropertyNames()
        .forEach(name -> properties.setProperty(name, System.getProperty(name, "")));
    properties.setProperty("user.home", machine.home().toString());
    return properties;
  }

  /** Returns the folder where Maven keeps what it has downloaded; null if there is none. */
  @Nullable Path localRepository() {
    String named = settings.getLocalRepository();
    Path local = named == null || named.isBlank() ? folder.resolve("repository") : Path.of(named);
    return Files.isDirectory(local) ? local : null;
  }

  void applyTo(SessionBuilder session) {
    DefaultMirrorSelector mirrors = new DefaultMirrorSelector();
    for (Mirror each : settings.getMirrors()) {
      mirrors.add(
          each.getId(),
          each.getUrl(),
          each.getLayout(),
          false,
          each.isBlocked(),
          each.getMirrorOf(),
          each.getMirrorOfLayouts());
    }
    DefaultAuthenticationSelector authentications = new DefaultAuthenticationSelector();
    for (Server each : decrypted.getServers()) {
      authentications.add(each.getId(), authentication(each));
    }
    DefaultProxySelector proxies = new DefaultProxySelector();
    for (Proxy each : decrypted.getProxies()) {
      if (each.isActive()) {
        proxies.add(
            new org.eclipse.aether.repository.Proxy(
                each.getProtocol(), each.getHost(), each.getPort(), authentication(each)),
            each.getNonProxyHosts());
      }
    }
    session.setMirrorSelector(mirrors);
    session.setAuthenticationSelector(authentications);
    session.setProxySelector(proxies);
    session.setOffline(settings.isOffline());
    for (Profile each : active()) {
      each.getProperties()
          .stringPropertyNames()
          .forEach(name -> session.setUserProperty(name, each.getProperties().getProperty(name)));
    }
  }

  private static Authentication authentication(Server server) {
    AuthenticationBuilder builder =
        new AuthenticationBuilder()
            .addUsername(server.getUsername())
            .addPassword(server.getPassword());
    builder.addPrivateKey(server.getPrivateKey(), server.getPassphrase());
    return builder.build();
  }

  private static Authentication authentication(Proxy proxy) {
    return new AuthenticationBuilder()
        .addUsername(proxy.getUsername())
        .addPassword(proxy.getPassword())
        .build();
  }

  /** Returns the repositories of active profiles. */
  List<RemoteRepository> repositories() {
    List<RemoteRepository> repositories = new ArrayList<>();
    for (Profile profile : active()) {
      for (Repository each : profile.getRepositories()) {
        repositories.add(
            new RemoteRepository.Builder(each.getId(), DEFAULT_LAYOUT, each.getUrl())
                .setReleasePolicy(policy(each.getReleases()))
                .setSnapshotPolicy(policy(each.getSnapshots()))
                .build());
      }
    }
    return repositories;
  }

  private List<Profile> active() {
    return settings.getProfiles().stream()
        .filter(each ->
            settings.getActiveProfiles().contains(each.getId())
                || (each.getActivation() != null && each.getActivation().isActiveByDefault()))
        .toList();
  }

  private static RepositoryPolicy policy(org.apache.maven.settings.@Nullable RepositoryPolicy of) {
    return of == null
        ? new RepositoryPolicy()
        : new RepositoryPolicy(of.isEnabled(), of.getUpdatePolicy(), of.getChecksumPolicy());
  }

  /** Adds all that makes a difference to a fingerprint, which nobody can read secrets from. */
  static String content(Machine machine) throws PreparationException {
    Path file = file(machine);
    try {
      return Files.isRegularFile(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw PreparationException.here(
          "The settings of Maven in %s cannot be read (%s). Correct their permissions."
              .formatted(file, e));
    }
  }
}
