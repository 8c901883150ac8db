package spec

// stateChange says how an event or a task changed an object: from what, to what.
var stateChange = &Struct{
	ID: 172, Name: "state-change", Class: Part, Section: "Incident Core",
	Properties: []Property{
		{ID: 32, Name: "state_change_type", Kind: String, Required: true},
		{ID: 33, Name: "initial_ref", Kind: Identifier},
		{ID: 34, Name: "result_ref", Kind: Identifier},
	},
	Rules: []Rule{anyOf("initial_ref", "result_ref")},
}

var incidentScore = &Struct{
	ID: 173, Name: "incident-score", Class: Part, Section: "Incident Core",
	Properties: []Property{
		{ID: 32, Name: "name", Kind: String, Required: true},
		{ID: 33, Name: "value", Kind: Float, Required: true},
		{ID: 34, Name: "description", Kind: String},
	},
}

var eventEntry = sequenceEntry(174, "event", sequenceStep(175, "event"))

var taskEntry = sequenceEntry(176, "task", sequenceStep(177, "task"))

// sequenceEntry is an event or a task of an incident, and what may come after it.
func sequenceEntry(id uint16, what string, step *Struct) *Struct {
	return &Struct{
		ID: id, Name: what + "-entry", Class: Part, Section: "Incident Core",
		Properties: []Property{
			{ID: 32, Name: what + "_ref", Kind: Identifier, Required: true, Refs: types(what)},
			{ID: 33, Name: "next_steps", Kind: Nested, List: true, Struct: step},
			{ID: 34, Name: "sequence_start", Kind: Boolean},
		},
	}
}

func sequenceStep(id uint16, what string) *Struct {
	return &Struct{
		ID: id, Name: what + "-step", Class: Part, Section: "Incident Core",
		Properties: []Property{
			{ID: 32, Name: "condition_type", Kind: String, Required: true, Vocab: SequenceCondition},
			{ID: 33, Name: what + "_ref", Kind: Identifier, Required: true, Refs: types(what)},
			{ID: 34, Name: "transition_type", Kind: String, Required: true, Vocab: SequenceTransition},
		},
	}
}

// impactExtension is one that only an impact carries: it says more of one category.
func impactExtension(members *Struct) *Extension { return predefined("impact", members) }

var availabilityExt = &Struct{
	ID: 178, Name: "availability-ext", Class: Part, Section: "Impact",
	Properties: []Property{{ID: 32, Name: "availability_impact", Kind: Integer, Required: true, Range: percent}},
}

var confidentialityExt = &Struct{
	ID: 179, Name: "confidentiality-ext", Class: Part, Section: "Impact",
	Properties: []Property{
		{ID: 32, Name: "loss_type", Kind: String, Required: true, Vocab: ConfidentialityLoss},
		{ID: 33, Name: "information_type", Kind: String},
		{ID: 34, Name: "record_count", Kind: Integer, Range: notNegative},
		{ID: 35, Name: "record_size", Kind: Integer, Range: notNegative},
	},
	Rules: unlessNone(ConfidentialityLoss, "loss_type", "information_type"),
}

var externalExt = &Struct{
	ID: 180, Name: "external-ext", Class: Part, Section: "Impact",
	Properties: []Property{{ID: 32, Name: "impact_type", Kind: String, Required: true}},
}

var integrityExt = &Struct{
	ID: 181, Name: "integrity-ext", Class: Part, Section: "Impact",
	Properties: []Property{
		{ID: 32, Name: "alteration", Kind: String, Required: true, Vocab: IntegrityAlteration},
		{ID: 33, Name: "information_type", Kind: String},
		{ID: 34, Name: "record_count", Kind: Integer, Range: notNegative},
		{ID: 35, Name: "record_size", Kind: Integer, Range: notNegative},
	},
	Rules: unlessNone(IntegrityAlteration, "alteration", "information_type"),
}

var monetaryExt = &Struct{
	ID: 182, Name: "monetary-ext", Class: Part, Section: "Impact",
	Properties: []Property{
		{ID: 32, Name: "variety", Kind: String, Required: true},
		{ID: 33, Name: "conversion_rate", Kind: Float, Range: notNegative},
		{ID: 34, Name: "conversion_time", Kind: Timestamp},
		{ID: 35, Name: "currency", Kind: String},
		{ID: 36, Name: "currency_actual", Kind: String},
		{ID: 37, Name: "max_amount", Kind: Float, Range: notNegative},
		{ID: 38, Name: "min_amount", Kind: Float, Range: notNegative},
	},
	Rules: []Rule{
		{Op: Requires, Props: []string{"min_amount", "currency", "max_amount"}},
		{Op: Requires, Props: []string{"currency_actual", "currency", "conversion_rate"}},
		{Op: Requires, Props: []string{"conversion_rate", "conversion_time", "currency_actual"}},
	},
}

var physicalExt = &Struct{
	ID: 183, Name: "physical-ext", Class: Part, Section: "Impact",
	Properties: []Property{
		{ID: 32, Name: "impact_type", Kind: String, Required: true, Vocab: PhysicalImpact},
		{ID: 33, Name: "asset_type", Kind: String},
	},
	Rules: unlessNone(PhysicalImpact, "impact_type", "asset_type"),
}

var traceabilityExt = &Struct{
	ID: 184, Name: "traceability-ext", Class: Part, Section: "Impact",
	Properties: []Property{{ID: 32, Name: "traceability_impact", Kind: String, Required: true, Vocab: Traceability}},
}

// unlessNone demands a property wherever another has a value of its enumeration that is not "none".
func unlessNone(v *Vocabulary, prop, wanted string) []Rule {
	var rules []Rule
	for _, value := range v.Values {
		if value != "none" {
			rules = append(rules, Rule{Op: Requires, When: &When{Prop: prop, Value: value}, Props: []string{prop, wanted}})
		}
	}
	return rules
}

// The vocabularies of the incident extensions.
var (
	// IncidentDetermination is whether there was an incident.
	IncidentDetermination = &Vocabulary{
		ID: 120, Name: "incident-determination-enum", Section: "Incident Core", Closed: true,
		Values: []string{"blocked", "confirmed", "failed-attempt", "false-positive", "suspected"},
	}
	// IncidentInvestigation is incident-investigation-ov.
	IncidentInvestigation = &Vocabulary{
		ID: 121, Name: "incident-investigation-ov", Section: "Incident Core",
		Values: []string{"closed", "new", "open"},
	}
	// DetectionMethods is detection-methods-ov.
	DetectionMethods = &Vocabulary{
		ID: 122, Name: "detection-methods-ov", Section: "Incident Core",
		Values: []string{
			"automated-tool", "commercial-solution", "external-notification", "human-review", "message-from-attacker", "proprietary-solution",
			"system-outage", "user-reporting",
		},
	}
	// Recoverability is how hard it is to recover.
	Recoverability = &Vocabulary{
		ID: 123, Name: "recoverability-enum", Section: "Incident Core", Closed: true,
		Values: []string{"not-applicable", "regular", "supplemented", "extended", "not-recoverable"},
	}
	// SequenceCondition is whether a next step must be taken.
	SequenceCondition = &Vocabulary{
		ID: 124, Name: "sequence-condition-enum", Section: "Incident Core", Closed: true,
		Values: []string{"optional", "required", "unknown"},
	}
	// SequenceTransition is what leads to a next step.
	SequenceTransition = &Vocabulary{
		ID: 125, Name: "sequence-transition-enum", Section: "Incident Core", Closed: true,
		Values: []string{"completion", "failure", "success", "unknown"},
	}
	// TimestampFidelity is the unit to which a time is known.
	TimestampFidelity = &Vocabulary{
		ID: 126, Name: "timestamp-fidelity-enum", Section: "Event", Closed: true,
		Values: []string{"second", "minute", "hour", "day", "month", "year"},
	}
	// EventStatus is how far an event has come.
	EventStatus = &Vocabulary{
		ID: 127, Name: "event-status-enum", Section: "Event", Closed: true,
		Values: []string{"occurred", "ongoing", "not-occurred", "pending", "undetermined"},
	}
	// TaskOutcome is how far a task has come.
	TaskOutcome = &Vocabulary{
		ID: 128, Name: "task-outcome-enum", Section: "Task", Closed: true,
		Values: []string{"cancelled", "failed", "ongoing", "pending", "successful", "unknown"},
	}
	// TaskType is task-type-ov.
	TaskType = &Vocabulary{
		ID: 129, Name: "task-type-ov", Section: "Task",
		Values: []string{
			"administrative", "attribution", "containment", "declared", "detected", "eradication", "escalated", "exercised-control",
			"external-intelligence", "external-outreach", "external-support", "implemented-control", "investigation", "negotiation",
			"playbook-execution", "playbook-step-execution", "ransom-payment", "recovery", "reported", "routine-updates", "victim-notification",
		},
	}
	// ConfidentialityLoss is what became of confidential information.
	ConfidentialityLoss = &Vocabulary{
		ID: 130, Name: "confidentiality-loss-enum", Section: "Impact", Closed: true,
		Values: []string{"confirmed-loss", "contained", "exploited-loss", "suspected-loss", "none"},
	}
	// IntegrityAlteration is what was altered, and how much of it.
	IntegrityAlteration = &Vocabulary{
		ID: 131, Name: "integrity-alteration-enum", Section: "Impact", Closed: true,
		Values: []string{
			"potential-destruction", "potential-modification", "partial-destruction", "partial-modification", "full-destruction",
			"full-modification", "none",
		},
	}
	// PhysicalImpact is the damage to a thing.
	PhysicalImpact = &Vocabulary{
		ID: 132, Name: "physical-impact-enum", Section: "Impact", Closed: true,
		Values: []string{"damaged-functional", "damaged-nonfunctional", "destruction", "none"},
	}
	// Traceability is whether it can be shown who did what.
	Traceability = &Vocabulary{
		ID: 133, Name: "traceability-enum", Section: "Impact", Closed: true,
		Values: []string{"accountability-lost", "partial-accountability", "provable-accountability"},
	}
)
