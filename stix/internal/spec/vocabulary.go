package spec

// Vocabularies are the vocabularies and enumerations of section 10, by number. All can be asked from the start, also those that no property
// names, such as that of hashes.
var Vocabularies = func() []*Vocabulary {
	list := []*Vocabulary{
		AccountType,
		AttackMotivation,
		AttackResourceLevel,
		EncryptionAlgorithm,
		ExtensionType,
		GroupingContext,
		HashAlgorithm,
		IdentityClass,
		ImplementationLanguage,
		IndicatorType,
		IndustrySector,
		InfrastructureType,
		MalwareCapabilities,
		MalwareResult,
		MalwareType,
		NetworkSocketAddressFamily,
		NetworkSocketType,
		Opinion,
		PatternType,
		ProcessorArchitecture,
		Region,
		ReportType,
		ThreatActorRole,
		ThreatActorSophistication,
		ThreatActorType,
		ToolType,
		WindowsIntegrityLevel,
		WindowsPEBinaryType,
		WindowsRegistryDatatype,
		WindowsServiceStartType,
		WindowsServiceStatus,
		WindowsServiceType,
	}
	for _, v := range list {
		if err := v.compile(); err != nil {
			panic("spec: " + err.Error())
		}
	}
	return list
}()

// AccountType is account-type-ov.
var AccountType = &Vocabulary{
	ID: 1, Name: "account-type-ov", Section: "10.1",
	Values: []string{"facebook", "ldap", "nis", "openid", "radius", "skype", "tacacs", "twitter", "unix", "windows-local", "windows-domain"},
}

// AttackMotivation is attack-motivation-ov.
var AttackMotivation = &Vocabulary{
	ID: 2, Name: "attack-motivation-ov", Section: "10.2",
	Values: []string{
		"accidental", "coercion", "dominance", "ideology", "notoriety", "organizational-gain", "personal-gain", "personal-satisfaction",
		"revenge", "unpredictable",
	},
}

// AttackResourceLevel is attack-resource-level-ov.
var AttackResourceLevel = &Vocabulary{
	ID: 3, Name: "attack-resource-level-ov", Section: "10.3",
	Values: []string{"individual", "club", "contest", "team", "organization", "government"},
}

// EncryptionAlgorithm is encryption-algorithm-enum.
var EncryptionAlgorithm = &Vocabulary{
	ID: 4, Name: "encryption-algorithm-enum", Section: "10.4", Closed: true,
	Values: []string{"AES-256-GCM", "ChaCha20-Poly1305", "mime-type-indicated"},
}

// ExtensionType is extension-type-enum.
var ExtensionType = &Vocabulary{
	ID: 5, Name: "extension-type-enum", Section: "10.5", Closed: true,
	Values: []string{"new-sdo", "new-sco", "new-sro", "property-extension", "toplevel-property-extension"},
}

// GroupingContext is grouping-context-ov.
var GroupingContext = &Vocabulary{
	ID: 6, Name: "grouping-context-ov", Section: "10.6",
	Values: []string{"suspicious-activity", "malware-analysis", "unspecified"},
}

// HashAlgorithm is hash-algorithm-ov.
var HashAlgorithm = &Vocabulary{
	ID: 7, Name: "hash-algorithm-ov", Section: "10.7",
	Values: []string{"MD5", "SHA-1", "SHA-256", "SHA-512", "SHA3-256", "SHA3-512", "SSDEEP", "TLSH"},
}

// IdentityClass is identity-class-ov.
var IdentityClass = &Vocabulary{
	ID: 8, Name: "identity-class-ov", Section: "10.8",
	Values: []string{"individual", "group", "system", "organization", "class", "unknown"},
}

// ImplementationLanguage is implementation-language-ov.
var ImplementationLanguage = &Vocabulary{
	ID: 9, Name: "implementation-language-ov", Section: "10.9",
	Values: []string{
		"applescript", "bash", "c", "c++", "c#", "go", "java", "javascript", "lua", "objective-c", "perl", "php", "powershell",
		"python", "ruby", "scala", "swift", "typescript", "visual-basic", "x86-32", "x86-64",
	},
}

// IndicatorType is indicator-type-ov.
var IndicatorType = &Vocabulary{
	ID: 10, Name: "indicator-type-ov", Section: "10.10",
	Values: []string{"anomalous-activity", "anonymization", "benign", "compromised", "malicious-activity", "attribution", "unknown"},
}

// IndustrySector is industry-sector-ov.
var IndustrySector = &Vocabulary{
	ID: 11, Name: "industry-sector-ov", Section: "10.11",
	Values: []string{
		"agriculture", "aerospace", "automotive", "chemical", "commercial", "communications", "construction", "defense", "education",
		"energy", "entertainment", "financial-services", "government", "emergency-services", "government-local", "government-national",
		"government-public-services", "government-regional", "healthcare", "hospitality-leisure", "infrastructure", "dams", "nuclear",
		"water", "insurance", "manufacturing", "mining", "non-profit", "pharmaceuticals", "retail", "technology", "telecommunications",
		"transportation", "utilities",
	},
}

// InfrastructureType is infrastructure-type-ov.
var InfrastructureType = &Vocabulary{
	ID: 12, Name: "infrastructure-type-ov", Section: "10.12",
	Values: []string{
		"amplification", "anonymization", "botnet", "command-and-control", "control-system", "exfiltration", "firewall",
		"hosting-malware", "hosting-target-lists", "phishing", "reconnaissance", "routers-switches", "staging", "workstation",
		"unknown",
	},
}

// MalwareCapabilities is malware-capabilities-ov.
var MalwareCapabilities = &Vocabulary{
	ID: 13, Name: "malware-capabilities-ov", Section: "10.14",
	Values: []string{
		"accesses-remote-machines", "anti-debugging", "anti-disassembly", "anti-emulation", "anti-memory-forensics", "anti-sandbox",
		"anti-vm", "captures-input-peripherals", "captures-output-peripherals", "captures-system-state-data",
		"cleans-traces-of-infection", "commits-fraud", "communicates-with-c2", "compromises-data-availability",
		"compromises-data-integrity", "compromises-system-availability", "controls-local-machine", "degrades-security-software",
		"degrades-system-updates", "determines-c2-server", "emails-spam", "escalates-privileges", "evades-av", "exfiltrates-data",
		"fingerprints-host", "hides-artifacts", "hides-executing-code", "infects-files", "infects-remote-machines",
		"installs-other-components", "persists-after-system-reboot", "prevents-artifact-access", "prevents-artifact-deletion",
		"probes-network-environment", "self-modifies", "steals-authentication-credentials", "violates-system-operational-integrity",
	},
}

// MalwareResult is malware-result-ov.
var MalwareResult = &Vocabulary{
	ID: 14, Name: "malware-result-ov", Section: "10.13",
	Values: []string{"malicious", "suspicious", "benign", "unknown"},
}

// MalwareType is malware-type-ov.
var MalwareType = &Vocabulary{
	ID: 15, Name: "malware-type-ov", Section: "10.15",
	Values: []string{
		"adware", "backdoor", "bot", "bootkit", "ddos", "downloader", "dropper", "exploit-kit", "keylogger", "ransomware",
		"remote-access-trojan", "resource-exploitation", "rogue-security-software", "rootkit", "screen-capture", "spyware", "trojan",
		"unknown", "virus", "webshell", "wiper", "worm",
	},
}

// NetworkSocketAddressFamily is network-socket-address-family-enum.
var NetworkSocketAddressFamily = &Vocabulary{
	ID: 16, Name: "network-socket-address-family-enum", Section: "10.16", Closed: true,
	Values: []string{"AF_UNSPEC", "AF_INET", "AF_IPX", "AF_APPLETALK", "AF_NETBIOS", "AF_INET6", "AF_IRDA", "AF_BTH"},
}

// NetworkSocketType is network-socket-type-enum.
var NetworkSocketType = &Vocabulary{
	ID: 17, Name: "network-socket-type-enum", Section: "10.17", Closed: true,
	Values: []string{"SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_RDM", "SOCK_SEQPACKET"},
}

// Opinion is opinion-enum.
var Opinion = &Vocabulary{
	ID: 18, Name: "opinion-enum", Section: "10.18", Closed: true,
	Values: []string{"strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"},
}

// PatternType is pattern-type-ov.
var PatternType = &Vocabulary{
	ID: 19, Name: "pattern-type-ov", Section: "10.19",
	Values: []string{"stix", "pcre", "sigma", "snort", "suricata", "yara"},
}

// ProcessorArchitecture is processor-architecture-ov.
var ProcessorArchitecture = &Vocabulary{
	ID: 20, Name: "processor-architecture-ov", Section: "10.20",
	Values: []string{"alpha", "arm", "ia-64", "mips", "powerpc", "sparc", "x86", "x86-64"},
}

// Region is region-ov.
var Region = &Vocabulary{
	ID: 21, Name: "region-ov", Section: "10.21",
	Values: []string{
		"africa", "eastern-africa", "middle-africa", "northern-africa", "southern-africa", "western-africa", "americas",
		"latin-america-caribbean", "south-america", "caribbean", "central-america", "northern-america", "asia", "central-asia",
		"eastern-asia", "southern-asia", "south-eastern-asia", "western-asia", "europe", "eastern-europe", "northern-europe",
		"southern-europe", "western-europe", "oceania", "antarctica", "australia-new-zealand", "melanesia", "micronesia", "polynesia",
	},
}

// ReportType is report-type-ov.
var ReportType = &Vocabulary{
	ID: 22, Name: "report-type-ov", Section: "10.22",
	Values: []string{
		"attack-pattern", "campaign", "identity", "indicator", "intrusion-set", "malware", "observed-data", "threat-actor",
		"threat-report", "tool", "vulnerability",
	},
}

// ThreatActorRole is threat-actor-role-ov.
var ThreatActorRole = &Vocabulary{
	ID: 23, Name: "threat-actor-role-ov", Section: "10.24",
	Values: []string{"agent", "director", "independent", "infrastructure-architect", "infrastructure-operator", "malware-author", "sponsor"},
}

// ThreatActorSophistication is threat-actor-sophistication-ov.
var ThreatActorSophistication = &Vocabulary{
	ID: 24, Name: "threat-actor-sophistication-ov", Section: "10.25",
	Values: []string{"none", "minimal", "intermediate", "advanced", "expert", "innovator", "strategic"},
}

// ThreatActorType is threat-actor-type-ov.
var ThreatActorType = &Vocabulary{
	ID: 25, Name: "threat-actor-type-ov", Section: "10.23",
	Values: []string{
		"activist", "competitor", "crime-syndicate", "criminal", "hacker", "insider-accidental", "insider-disgruntled", "nation-state",
		"sensationalist", "spy", "terrorist", "unknown",
	},
}

// ToolType is tool-type-ov.
var ToolType = &Vocabulary{
	ID: 26, Name: "tool-type-ov", Section: "10.26",
	Values: []string{
		"denial-of-service", "exploitation", "information-gathering", "network-capture", "credential-exploitation", "remote-access",
		"vulnerability-scanning", "unknown",
	},
}

// WindowsIntegrityLevel is windows-integrity-level-enum.
var WindowsIntegrityLevel = &Vocabulary{
	ID: 27, Name: "windows-integrity-level-enum", Section: "10.27", Closed: true,
	Values: []string{"low", "medium", "high", "system"},
}

// WindowsPEBinaryType is windows-pebinary-type-ov.
var WindowsPEBinaryType = &Vocabulary{
	ID: 28, Name: "windows-pebinary-type-ov", Section: "10.28",
	Values: []string{"dll", "exe", "sys"},
}

// WindowsRegistryDatatype is windows-registry-datatype-enum.
var WindowsRegistryDatatype = &Vocabulary{
	ID: 29, Name: "windows-registry-datatype-enum", Section: "10.29", Closed: true,
	Values: []string{
		"REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN", "REG_DWORD_LITTLE_ENDIAN", "REG_LINK",
		"REG_MULTI_SZ", "REG_RESOURCE_LIST", "REG_FULL_RESOURCE_DESCRIPTION", "REG_RESOURCE_REQUIREMENTS_LIST", "REG_QWORD",
		"REG_INVALID_TYPE",
	},
}

// WindowsServiceStartType is windows-service-start-type-enum.
var WindowsServiceStartType = &Vocabulary{
	ID: 30, Name: "windows-service-start-type-enum", Section: "10.30", Closed: true,
	Values: []string{"SERVICE_AUTO_START", "SERVICE_BOOT_START", "SERVICE_DEMAND_START", "SERVICE_DISABLED", "SERVICE_SYSTEM_ALERT"},
}

// WindowsServiceStatus is windows-service-status-enum.
var WindowsServiceStatus = &Vocabulary{
	ID: 31, Name: "windows-service-status-enum", Section: "10.32", Closed: true,
	Values: []string{
		"SERVICE_CONTINUE_PENDING", "SERVICE_PAUSE_PENDING", "SERVICE_PAUSED", "SERVICE_RUNNING", "SERVICE_START_PENDING",
		"SERVICE_STOP_PENDING", "SERVICE_STOPPED",
	},
}

// WindowsServiceType is windows-service-type-enum.
var WindowsServiceType = &Vocabulary{
	ID: 32, Name: "windows-service-type-enum", Section: "10.31", Closed: true,
	Values: []string{"SERVICE_KERNEL_DRIVER", "SERVICE_FILE_SYSTEM_DRIVER", "SERVICE_WIN32_OWN_PROCESS", "SERVICE_WIN32_SHARE_PROCESS"},
}
